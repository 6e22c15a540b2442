/** The rows on screen, out of pages of 200, for a list of any length. */
import { useQueries } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";

import { commandQuery, useCommand, usePlatform } from "../../api/client";
import type { LibraryItem } from "../../bindings/LibraryItem";
import { page } from "./filter";
import type { Filter } from "./filter";
import { pagesFor, pageSize, placeOf } from "./paging";
import type { Range } from "./paging";

const atFirst: Range = { start: 0, end: 0 };

export interface Library {
  /** `null` until the first answer. */
  total: number | null;
  totalBytes: number;
  /** `null` where the row is not there yet. */
  itemAt: (index: number) => LibraryItem | null;
  /** The filter these rows are for: the one before, while the new one's first page is on its way. */
  shown: Filter;
  busy: boolean;
  error: Error | null;
  retry: () => void;
  setRange: (range: Range) => void;
}

export function useLibrary(filter: Filter): Library {
  const platform = usePlatform();
  const [shown, setShown] = useState(filter);
  // Not the range itself, which changes with every frame of scrolling and would have all around the list drawn anew.
  const [pages, setPages] = useState<readonly number[]>(() => pagesFor(atFirst, 0));

  const first = useCommand("library_list", page(filter, 0, pageSize));
  // Typing must not make the list blink: the old rows stay until the new ones are there.
  if (shown !== filter && !first.isPending) setShown(filter);

  const head = useCommand("library_list", page(shown, 0, pageSize), { enabled: shown === filter });
  const total = head.data?.total ?? null;
  const results = useQueries({
    queries: pages.map((index) => commandQuery(platform, "library_list", page(shown, index * pageSize, pageSize))),
  });

  const rows = useMemo(() => {
    const byPage = new Map<number, readonly LibraryItem[]>();
    pages.forEach((index, position) => {
      const items = results[position]?.data?.items;
      if (items) byPage.set(index, items);
    });
    return byPage;
  }, [pages, results]);

  const itemAt = useCallback(
    (index: number) => {
      const { page: number, slot } = placeOf(index);
      return rows.get(number)?.[slot] ?? null;
    },
    [rows],
  );

  const setRange = useCallback(
    (range: Range) => {
      const next = pagesFor(range, total ?? 0);
      setPages((now) => (now.length === next.length && now[0] === next[0] ? now : next));
    },
    [total],
  );

  const error = first.isError && first.data === undefined ? first.error : null;
  return {
    total,
    totalBytes: head.data?.total_bytes ?? 0,
    itemAt,
    shown,
    busy: shown !== filter,
    error,
    retry: () => void first.refetch(),
    setRange,
  };
}
