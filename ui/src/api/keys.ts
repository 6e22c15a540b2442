/** Cache keys: the command, then its request. */
import type { CommandName, Request } from "../platform";

export function commandKey<K extends CommandName>(name: K, request: Request<K>) {
  return [name, request] as const;
}

export const jobsKey = commandKey("jobs_list", {});
export const settingsKey = commandKey("settings_get", {});
export const rootsKey = commandKey("roots_list", {});
export const downloadsKey = commandKey("downloads_list", {});
export const accountKey = commandKey("account_show", {});
export const linkKey = commandKey("link_show", {});

/** Names the savings of settings that are on their way. */
export const savingSettings = ["settings_set"] as const;
