/** What grid and list share: which rows are on screen, the keyboard, and keeping the chosen row in sight. */
import { useVirtualizer, defaultRangeExtractor } from "@tanstack/react-virtual";
import type { Virtualizer } from "@tanstack/react-virtual";
import { useCallback, useEffect, useLayoutEffect, useRef } from "react";
import type { KeyboardEvent, RefObject } from "react";

import { moved, moveForKey } from "./paging";
import type { Range } from "./paging";

interface Options {
  scroller: RefObject<HTMLDivElement | null>;
  total: number;
  columns: number;
  rowHeight: number;
  paddingStart: number;
  paddingEnd: number;
  /** Height of what sticks to the top and would cover a row. */
  cover: number;
  active: number | null;
  /** Changes when the rows are other rows: back to the top. */
  resetKey: unknown;
  onRange: (range: Range) => void;
  onMove: (index: number) => void;
  onOpen: () => void;
}

export function useWindow(options: Options): {
  virtualizer: Virtualizer<HTMLDivElement, Element>;
  onKeyDown: (event: KeyboardEvent) => void;
} {
  const { scroller, total, columns, rowHeight, paddingStart, paddingEnd, cover, active, resetKey, onRange, onMove, onOpen } = options;
  const rows = Math.ceil(total / columns);
  const activeRow = active === null ? null : Math.floor(active / columns);

  const virtualizer = useVirtualizer({
    // Drawing the new rows within the scroll event would cost every frame more than it gains.
    useFlushSync: false,
    count: rows,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 3,
    paddingStart,
    paddingEnd,
    scrollPaddingStart: paddingStart + cover,
    scrollPaddingEnd: paddingEnd,
    // The chosen row stays in the document, so that aria-activedescendant never points at nothing.
    rangeExtractor: useCallback(
      (range: Parameters<typeof defaultRangeExtractor>[0]) => {
        const shown = defaultRangeExtractor(range);
        if (activeRow === null || activeRow >= range.count || shown.includes(activeRow)) return shown;
        return [...shown, activeRow].sort((a, b) => a - b);
      },
      [activeRow],
    ),
  });

  useLayoutEffect(() => {
    virtualizer.measure();
  }, [virtualizer, rowHeight, columns]);

  const first = virtualizer.range?.startIndex ?? 0;
  const last = virtualizer.range?.endIndex ?? 0;
  useEffect(() => {
    onRange({ start: first * columns, end: Math.min(total, (last + 1) * columns) });
  }, [first, last, columns, total, onRange]);

  const before = useRef({ columns, resetKey });
  useLayoutEffect(() => {
    if (before.current.resetKey !== resetKey) {
      virtualizer.scrollToOffset(0);
    } else if (before.current.columns !== columns && activeRow !== null) {
      // Opening the inspector reflows the grid; what was chosen must not run away.
      virtualizer.scrollToIndex(activeRow, { align: "auto" });
    }
    before.current = { columns, resetKey };
  }, [virtualizer, columns, resetKey, activeRow]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.target !== event.currentTarget) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      if (active === null && total > 0) onMove(0);
      onOpen();
      return;
    }
    const move = moveForKey(event.key);
    if (!move) return;
    event.preventDefault();
    const height = (scroller.current?.clientHeight ?? 0) - paddingStart - paddingEnd - cover;
    const to = moved(active, move, total, columns, Math.floor(height / rowHeight));
    if (to === null) return;
    onMove(to);
    virtualizer.scrollToIndex(Math.floor(to / columns), { align: "auto" });
  };

  return { virtualizer, onKeyDown };
}
