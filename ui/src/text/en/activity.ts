/** The words of Activity. */
import type { ActivityState } from "../../bindings/ActivityState";
import type { What } from "../../bindings/What";
import { ago, bytes, plural } from "../format";

const whats: Record<What, string> = { rename: "renamed", move: "moved", trash: "moved to the trash" };

const states: Record<ActivityState, string | null> = {
  begun: "Under way",
  done: null,
  undoing: "Being undone",
  undone: "Undone",
  failed: "Did not happen",
};

const whos: Record<string, string> = { user: "you", site: "Civitai’s site" };

export const activity = {
  title: "Activity",
  lead: "What was done to files, and the way back.",
  list: "What was done",
  what: (what: What) => whats[what],
  state: (state: ActivityState) => states[state],
  when: (at: number, now: number) => ago(at, now),
  by: (who: string) => `by ${whos[who] ?? who}`,
  // Files that are no models are named by the title.
  size: (models: number, size: number) => (models <= 1 ? bytes(size) : `${plural(models, "model", "models")}, ${bytes(size)}`),
  from: "From",
  to: "To",
  trash: "The system’s trash",
  firstOf: (amount: number) => `the first of ${amount}`,
  undo: "Undo",
  undoOne: (what: What, title: string) => `Undo: ${title} ${whats[what]}`,
  undoing: "Undoing…",
  undone: (title: string) => `Undone: ${title}`,
  notUndone: "It could not be undone",
  notAll: "Not everything went well",
  empty: "Nothing was done to files yet",
  emptyHint: "Files that are renamed, moved or thrown away here are listed, and can be brought back.",
};
