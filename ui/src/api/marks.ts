/** What the user notes of models. Shown at once; what the engine refuses is read again as it was. */
import { useQueryClient } from "@tanstack/react-query";
import type { QueryClient } from "@tanstack/react-query";

import type { ItemDetail } from "../bindings/ItemDetail";
import type { LibraryItem } from "../bindings/LibraryItem";
import type { LibraryPage } from "../bindings/LibraryPage";
import type { MarkReport } from "../bindings/MarkReport";
import type { MarksChange } from "../bindings/MarksChange";
import { useMutationCommand } from "./client";

/** What is to change; the rest stays. */
export function marksChange(part: Partial<MarksChange>): MarksChange {
  return { add_tags: [], remove_tags: [], ...part };
}

/** The note as it will be. */
function noted(now: string, change: MarksChange): string {
  const note = change.note == null ? now : change.note.trim() === "" ? "" : change.note;
  const added = change.add_note?.trim() ?? "";
  return added === "" ? note : note === "" ? added : `${note.trimEnd()}\n\n${added}`;
}

/** A row as it will be. */
export function withMarks(item: LibraryItem, change: MarksChange): LibraryItem {
  const key = (tag: string) => tag.toLowerCase();
  const removed = new Set(change.remove_tags.map(key));
  const kept = item.tags.filter((tag) => !removed.has(key(tag)));
  const added = change.add_tags.filter((tag) => !kept.some((there) => key(there) === key(tag)));
  return {
    ...item,
    favourite: change.favourite ?? item.favourite,
    rating: change.rating ?? item.rating,
    has_note: noted(item.has_note ? "…" : "", change) !== "",
    tags: added.length === 0 ? kept : [...kept, ...added].sort((a, b) => key(a).localeCompare(key(b))),
  };
}

/** Puts a change into every copy of the rows that the page holds. */
export function showMarks(client: QueryClient, ids: readonly number[], change: MarksChange): void {
  const named = new Set(ids);
  // Nothing can be noted of a file without content.
  const shown = (item: LibraryItem) => (named.has(item.id) && item.sha256 !== null ? withMarks(item, change) : item);
  client.setQueriesData<LibraryPage>({ queryKey: ["library_list"] }, (page) => page && { ...page, items: page.items.map(shown) });
  client.setQueriesData<ItemDetail>({ queryKey: ["library_item"] }, (detail) =>
    detail && named.has(detail.item.id) ? { ...detail, item: shown(detail.item), note: noted(detail.note, change) } : detail,
  );
}

export function useMark() {
  const client = useQueryClient();
  const { mutateAsync, isPending, error, reset } = useMutationCommand("library_mark");
  const mark = (ids: readonly number[], part: Partial<MarksChange>): Promise<MarkReport> => {
    const change = marksChange(part);
    showMarks(client, ids, change);
    return mutateAsync({ ids: [...ids], change });
  };
  return { mark, isPending, error, reset };
}
