/** Settings take effect at once and are taken back when saving fails. */
import { useMutation, useQueryClient } from "@tanstack/react-query";

import type { Settings } from "../bindings/Settings";
import { useCommand, usePlatform } from "./client";
import { staleAfterCommand } from "./invalidation";
import { savingSettings, settingsKey } from "./keys";
import { markStale } from "./live";

export function useSettings() {
  return useCommand("settings_get", {});
}

export function useChangeSettings() {
  const client = useQueryClient();
  const platform = usePlatform();
  const save = useMutation({
    mutationKey: savingSettings,
    // All settings are saved together: two at once could arrive in the other order, and the older would win.
    scope: { id: "settings" },
    mutationFn: (settings: Settings) => platform.call("settings_set", settings),
    onSettled: () => {
      // While another is on its way, what the engine has now is older than what is shown.
      if (client.isMutating({ mutationKey: savingSettings }) === 1) markStale(client, staleAfterCommand("settings_set"));
    },
  });
  const change = (part: Partial<Settings>) => {
    const before = client.getQueryData<Settings>(settingsKey);
    if (!before) return;
    const after = { ...before, ...part };
    // An answer that is on its way is from before this.
    void client.cancelQueries({ queryKey: settingsKey });
    client.setQueryData<Settings>(settingsKey, after);
    save.mutate(after, {
      onError: () => client.setQueryData<Settings>(settingsKey, before),
    });
  };
  return { change, error: save.error };
}
