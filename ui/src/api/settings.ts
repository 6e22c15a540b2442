/** Settings take effect at once and are taken back when saving fails. */
import { useQueryClient } from "@tanstack/react-query";

import type { Settings } from "../bindings/Settings";
import { useCommand, useMutationCommand } from "./client";
import { settingsKey } from "./keys";

export function useSettings() {
  return useCommand("settings_get", {});
}

export function useChangeSettings() {
  const client = useQueryClient();
  const save = useMutationCommand("settings_set");
  const change = (part: Partial<Settings>) => {
    const before = client.getQueryData<Settings>(settingsKey);
    if (!before) return;
    const after = { ...before, ...part };
    client.setQueryData<Settings>(settingsKey, after);
    save.mutate(after, {
      onError: () => client.setQueryData<Settings>(settingsKey, before),
    });
  };
  return { change, error: save.error };
}
