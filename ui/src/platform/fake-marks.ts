/** What the fake engine's user noted of models, and the searches they kept. The engine's rules, as far as the page meets them. */
import type { LibraryItem } from "../bindings/LibraryItem";
import type { MarkReport } from "../bindings/MarkReport";
import type { MarkRequest } from "../bindings/MarkRequest";
import type { View } from "../bindings/View";
import { CommandError } from "./types";

type Marks = Pick<LibraryItem, "favourite" | "rating" | "tags" | "has_note">;

const keyOf = (tag: string) => tag.toLowerCase();
const oneLine = (words: string) => words.split(/\s+/).filter(Boolean).join(" ");
const byKey = (a: string, b: string) => keyOf(a).localeCompare(keyOf(b));

export const fakeNote = "Holds up at 0.6 with the paper LoRA.\nAbove 0.9 the edges burn.";

function refuse(message: string, hint: string | null = null): CommandError {
  return new CommandError({ code: "invalid_request", message, hint, retryable: false });
}

/** What is noted of the model with this index, before anybody changes it. */
export function madeMarks(index: number): Marks {
  return {
    favourite: index % 9 === 1,
    rating: [0, 4, 0, 5, 0, 3][index % 6] ?? 0,
    tags: [[], ["Keepers"], [], ["Client work", "To sort"], ["To sort"]][index % 5] ?? [],
    has_note: index % 8 === 3,
  };
}

function tidied(tag: string): string {
  const tidy = oneLine(tag);
  if (tidy === "" || tidy.length > 60 || tidy.includes(",")) throw refuse("A tag has 1 to 60 characters and no comma");
  return tidy;
}

export class FakeMarks {
  views: View[];
  readonly #notes = new Map<string, string>();

  constructor(views: readonly View[]) {
    this.views = [...views];
  }

  note(item: LibraryItem): string {
    return this.#notes.get(item.sha256 ?? "") ?? (item.has_note ? fakeNote : "");
  }

  mark({ ids, change }: MarkRequest, items: readonly LibraryItem[]): MarkReport {
    if (ids.length > 50_000) throw refuse("At most 50000 files can be named at once");
    if ((change.rating ?? 0) > 5) throw refuse("A rating is 1 to 5, or 0 for none");
    const add = change.add_tags.map(tidied);
    const remove = change.remove_tags.map((tag) => keyOf(tidied(tag)));
    const spelt = new Map(items.flatMap((item) => item.tags).map((tag) => [keyOf(tag), tag]));
    const byId = new Map(items.map((item) => [item.id, item]));
    const unread: number[] = [];
    const contents = new Set<string>();
    for (const id of ids) {
      const item = byId.get(id);
      if (!item) throw new CommandError({ code: "not_found", message: `There is no file number ${id} in the library`, hint: null, retryable: false });
      if (item.sha256 === null) unread.push(id);
      else contents.add(item.sha256);
    }
    // What is noted belongs to the content: copies share it.
    const added = new Set<string>();
    for (const item of items) {
      if (item.sha256 === null || !contents.has(item.sha256)) continue;
      const tags = item.tags.filter((tag) => !remove.includes(keyOf(tag)));
      for (const tag of add) {
        if (!tags.some((there) => keyOf(there) === keyOf(tag))) tags.push(spelt.get(keyOf(tag)) ?? tag);
      }
      if (change.note != null) this.#notes.set(item.sha256, change.note.trim() === "" ? "" : change.note);
      if (change.add_note != null && !added.has(item.sha256)) this.#notes.set(item.sha256, [this.note(item).trimEnd(), change.add_note.trim()].filter(Boolean).join("\n\n"));
      added.add(item.sha256);
      Object.assign(item, {
        favourite: change.favourite ?? item.favourite,
        rating: change.rating ?? item.rating,
        tags: tags.sort(byKey),
        has_note: this.note(item) !== "",
      });
    }
    return { marked: ids.length - unread.length, unread };
  }

  put({ name, query }: View): View[] {
    const tidy = oneLine(name);
    if (tidy === "" || tidy.length > 80) throw refuse("A name has 1 to 80 characters");
    const view = { name: tidy, query: { ...query, offset: 0, limit: 0 } };
    this.views = [...this.views.filter((each) => keyOf(each.name) !== keyOf(tidy)), view].sort((a, b) => byKey(a.name, b.name));
    return this.views;
  }

  remove(name: string): View[] {
    if (!this.views.some((view) => keyOf(view.name) === keyOf(name))) {
      throw new CommandError({ code: "not_found", message: "There is no search of this name", hint: null, retryable: false });
    }
    this.views = this.views.filter((view) => keyOf(view.name) !== keyOf(name));
    return this.views;
  }
}
