/** What grid and list share: which rows are on screen, the keyboard, and keeping the chosen row in sight. */
import { useVirtualizer, defaultRangeExtractor } from "@tanstack/react-virtual";
import type { Virtualizer } from "@tanstack/react-virtual";
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
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
  /** Rows drawn beyond both ends. */
  overscan: number;
  active: number | null;
  /** Changes when the rows are other rows: back to the top. */
  resetKey: unknown;
  onRange: (range: Range) => void;
  onMove: (index: number, extend: boolean) => void;
  /** What is left out does nothing. */
  keys: Partial<ListKeys> & Pick<ListKeys, "open">;
}

/** What keys do besides moving. */
export interface ListKeys {
  open: () => void;
  toggle: () => void;
  all: () => void;
  /** The element of the row it is for. */
  menu: (row: Element | null) => void;
  trash: () => void;
  rate: (rating: number) => void;
}

export function useWindow(options: Options): {
  virtualizer: Virtualizer<HTMLDivElement, Element>;
  /** Rows fly past faster than anybody can look at them. */
  rushing: boolean;
  onKeyDown: (event: KeyboardEvent) => void;
} {
  const { scroller, total, columns, rowHeight, paddingStart, paddingEnd, cover, overscan, active, resetKey, onRange, onMove, keys } = options;
  const rows = Math.ceil(total / columns);
  const activeRow = active === null ? null : Math.floor(active / columns);

  const virtualizer = useVirtualizer({
    // Drawing the new rows within the scroll event would cost every frame more than it gains.
    useFlushSync: false,
    count: rows,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan,
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
    if (event.defaultPrevented || event.altKey || event.target !== event.currentTarget) return;
    const act = actionFor(event, keys, () => scroller.current?.querySelector(`#item-${active ?? 0}`) ?? null);
    if (act) {
      event.preventDefault();
      if (active === null && total > 0 && act.needsRow) onMove(0, false);
      act.run();
      return;
    }
    if (event.ctrlKey || event.metaKey) return;
    const move = moveForKey(event.key);
    if (!move) return;
    event.preventDefault();
    const height = (scroller.current?.clientHeight ?? 0) - paddingStart - paddingEnd - cover;
    const to = moved(active, move, total, columns, Math.floor(height / rowHeight));
    if (to === null) return;
    onMove(to, event.shiftKey);
    virtualizer.scrollToIndex(Math.floor(to / columns), { align: "auto" });
  };

  return { virtualizer, rushing: useRushing(scroller), onKeyDown };
}

/** Pixels a millisecond from which nothing can be made out any more: five screens a second. */
const rush = 4;
/** How long it has to be slower to count as rest, and over how long a speed is taken, in milliseconds. */
const rest = 150;
const span = 50;

/** Whether it is scrolled so fast that what flies past need not be drawn in full. */
function useRushing(scroller: RefObject<HTMLElement | null>): boolean {
  const [rushing, setRushing] = useState(false);
  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    let [at, top] = [performance.now(), element.scrollTop];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const listen = () => {
      const [now, here] = [performance.now(), element.scrollTop];
      if (now - at < span) return;
      // After a pause the first step is a jump, not a speed.
      const speed = now - at > rest ? 0 : Math.abs(here - top) / (now - at);
      [at, top] = [now, here];
      if (speed < rush) return;
      setRushing(true);
      clearTimeout(timer);
      timer = setTimeout(() => setRushing(false), rest);
    };
    element.addEventListener("scroll", listen, { passive: true });
    return () => {
      element.removeEventListener("scroll", listen);
      clearTimeout(timer);
    };
  }, [scroller]);
  return rushing;
}

function actionFor(event: KeyboardEvent, keys: Options["keys"], row: () => Element | null): { needsRow: boolean; run: () => void } | null {
  const { all, menu, open, toggle, trash, rate } = keys;
  if (event.ctrlKey || event.metaKey) {
    return all && event.key.toLowerCase() === "a" && !event.shiftKey ? { needsRow: false, run: all } : null;
  }
  if (menu && (event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey))) return { needsRow: true, run: () => menu(row()) };
  if (event.shiftKey) return null;
  if (event.key === "Enter") return { needsRow: true, run: open };
  if (toggle && event.key === " ") return { needsRow: true, run: toggle };
  if (trash && event.key === "Delete") return { needsRow: false, run: trash };
  if (rate && /^[0-5]$/.test(event.key)) return { needsRow: false, run: () => rate(Number(event.key)) };
  return null;
}
