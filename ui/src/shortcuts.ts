/** Every shortcut there is, once: what the handlers match against and what the list of shortcuts is made of. Pure. */
import type { Place } from "./features/rail/places";
import { text } from "./text";

const words = text.shortcuts;

export type ShortcutId = keyof Omit<typeof words.names, "place">;
export type Group = keyof typeof words.groups;

/** Keys pressed together are joined by `+`; one element after the other is a sequence. `Mod` is ⌘ on a Mac, else Ctrl. */
export interface Shortcut {
  group: Group;
  /** Each is enough. */
  keys: readonly (readonly string[])[];
  name: string;
}

const table: Record<ShortcutId, Shortcut> = {
  palette: { group: "anywhere", keys: [["Mod+k"]], name: words.names.palette },
  search: { group: "anywhere", keys: [["/"], ["Mod+f"]], name: words.names.search },
  shortcuts: { group: "anywhere", keys: [["?"]], name: words.names.shortcuts },
  move: { group: "list", keys: [["ArrowUp"], ["ArrowDown"], ["ArrowLeft"], ["ArrowRight"]], name: words.names.move },
  ends: { group: "list", keys: [["Home"], ["End"]], name: words.names.ends },
  open: { group: "list", keys: [["Enter"]], name: words.names.open },
  pick: { group: "list", keys: [["Space"]], name: words.names.pick },
  pickAll: { group: "list", keys: [["Mod+a"]], name: words.names.pickAll },
  trash: { group: "list", keys: [["Delete"]], name: words.names.trash },
  undo: { group: "anywhere", keys: [["Mod+z"]], name: words.names.undo },
  leave: { group: "list", keys: [["Escape"]], name: words.names.leave },
  shots: { group: "viewer", keys: [["ArrowLeft"], ["ArrowRight"]], name: words.names.shots },
  zoom: { group: "viewer", keys: [["+"], ["-"]], name: words.names.zoom },
  fit: { group: "viewer", keys: [["0"]], name: words.names.fit },
  shut: { group: "viewer", keys: [["Escape"]], name: words.names.shut },
};

/** `g`, then one of these. */
export const goKey = "g";
export const placeKeys: Partial<Record<Place, string>> = { library: "l", vault: "v", downloads: "d", discover: "e", care: "c", activity: "a", needs: "n", settings: "s" };

export function keysOf(id: ShortcutId): readonly (readonly string[])[] {
  return table[id].keys;
}

/** `readOnly`: without those that change something. */
export function allShortcuts(readOnly = false): Shortcut[] {
  const places = (Object.entries(placeKeys) as [Place, string][]).map(([place, letter]) => ({
    group: "places" as const,
    keys: [[goKey, letter]],
    name: words.names.place(text.places[place]),
  }));
  const changing: ShortcutId[] = ["trash", "undo"];
  const own = (Object.entries(table) as [ShortcutId, Shortcut][]).filter(([id]) => !readOnly || !changing.includes(id));
  return [...own.map(([, shortcut]) => shortcut), ...places];
}

type Pressed = Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">;

export const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent);

/** Whether exactly this was pressed: `Mod+k`, `?`, `ArrowLeft`. */
export function isPressed(key: string, event: Pressed): boolean {
  const wanted = key === "+" ? key : key.split("+").at(-1);
  const mod = key.startsWith("Mod+");
  const [held, other] = isMac ? [event.metaKey, event.ctrlKey] : [event.ctrlKey, event.metaKey];
  if (held !== mod || other || event.altKey) return false;
  // Some layouts need Shift for a sign, others do not: what arrives is what counts. A letter is another with Shift.
  if (wanted !== undefined && /^[a-z]$/.test(wanted)) return !event.shiftKey && event.key.toLowerCase() === wanted;
  return event.key === wanted;
}

export function matches(id: ShortcutId, event: Pressed): boolean {
  return table[id].keys.some(([only = ""]) => isPressed(only, event));
}

/** Where keys are letters: they are meant for what is typed. */
export function isWriting(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.matches("textarea, select")) return true;
  return target.matches("input") && !target.matches('[type="checkbox"], [type="radio"], [type="button"], [type="range"]');
}

const signs: Record<string, string> = {
  Mod: isMac ? "⌘" : "Ctrl", ArrowUp: "↑", ArrowDown: "↓", ArrowLeft: "←", ArrowRight: "→", Escape: "Esc",
};

/** As it is written on the keys. */
export function keyWords(key: string): string[] {
  const parts = key.length === 1 ? [key] : key.split("+");
  return parts.map((part) => signs[part] ?? (part.length === 1 ? part.toUpperCase() : part));
}
