/** Which copies of the engine's data an event or a command makes stale. Pure; [`./live`] acts on it. */
import { commandTags } from "../bindings/commands";
import type { Tag } from "../bindings/commands";
import type { Event as EngineEvent } from "../bindings/Event";
import type { JobSnapshot } from "../bindings/JobSnapshot";
import type { CommandName } from "../platform";

/** `all` after a gap in the stream: anything may have changed. */
export type Stale = "all" | readonly Tag[];

export function staleAfterEvent(event: EngineEvent): Stale {
  switch (event.event) {
    case "library_changed":
      return ["library"];
    case "roots_changed":
      return ["roots"];
    case "vault_changed":
      return ["vault"];
    case "settings_changed":
      return ["settings"];
    case "jobs_changed":
      return ["jobs"];
    case "account_changed":
      return ["account"];
    case "progress":
      return [];
    case "resync":
      return "all";
  }
}

export function staleAfterCommand(name: CommandName): readonly Tag[] {
  return commandTags[name].stales;
}

function isCommandName(value: unknown): value is CommandName {
  return typeof value === "string" && value in commandTags;
}

/** Whether the copy under a query key, whose first part is the command, is stale. */
export function isStale(key: readonly unknown[], stale: Stale): boolean {
  const [name] = key;
  if (!isCommandName(name)) return false;
  return stale === "all" || commandTags[name].reads.some((tag) => stale.includes(tag));
}

/** Puts a newer snapshot where the older one of the same job was. */
export function withSnapshot(jobs: readonly JobSnapshot[] | undefined, job: JobSnapshot): JobSnapshot[] {
  const others = (jobs ?? []).filter((other) => other.id !== job.id);
  return [job, ...others];
}
