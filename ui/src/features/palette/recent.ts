/** What was run last, kept beside the page: commands by name, models by row. */
const store = "modeldock.recent";
const most = 6;

export type Recent = { of: "command"; id: string } | { of: "model"; id: number; name: string };

export function recents(): Recent[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(store) ?? "[]");
    return Array.isArray(kept) ? kept.filter(isRecent).slice(0, most) : [];
  } catch {
    // Written by another version, or by hand: begin anew.
    return [];
  }
}

export function remember(run: Recent): void {
  const others = recents().filter((each) => each.of !== run.of || each.id !== run.id);
  localStorage.setItem(store, JSON.stringify([run, ...others].slice(0, most)));
}

function isRecent(value: unknown): value is Recent {
  if (typeof value !== "object" || value === null || !("of" in value) || !("id" in value)) return false;
  if (value.of === "command") return typeof value.id === "string";
  return value.of === "model" && typeof value.id === "number" && "name" in value && typeof value.name === "string";
}
