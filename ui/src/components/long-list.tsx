/**
 * A list of any length in a page that scrolls as a whole: only what is on screen is drawn. To a screen reader it knows
 * its length; Tab goes through it as if all of it were there, and the arrows go from row to row.
 */
import { defaultRangeExtractor, useVirtualizer } from "@tanstack/react-virtual";
import { useCallback, useImperativeHandle, useLayoutEffect, useRef, useState } from "react";
import type { KeyboardEvent, ReactNode, Ref, RefObject } from "react";

import { cx } from "./cx";
import type { Shift, Span } from "./use-drag-order";

export interface LongListHandle {
  element: () => HTMLElement | null;
  /** Where every row is, drawn or not; those that never were are guessed. */
  spans: () => readonly Span[];
}

export function LongList<T extends { id: number }>({
  as: List = "ul",
  items,
  scroller,
  usualHeight,
  row,
  className,
  keep = null,
  shiftOf,
  ref,
}: {
  as?: "ul" | "ol";
  items: readonly T[];
  /** What scrolls; `null` until it is drawn. */
  scroller: HTMLElement | null;
  /** A guess for rows that were not measured yet. */
  usualHeight: number;
  row: (item: T, index: number) => ReactNode;
  className?: string;
  /** One that stays in the document wherever the page is scrolled to. */
  keep?: number | null;
  /** How far from its place a row is drawn. */
  shiftOf?: (index: number) => Shift | null;
  ref?: Ref<LongListHandle>;
}) {
  const list = useRef<HTMLUListElement & HTMLOListElement>(null);
  /** The row that the focus is on its way to: a second key may come before it is there. */
  const going = useRef<number | null>(null);
  /** What has the focus, and what it goes to. */
  const [kept, setKept] = useState<readonly number[]>([]);
  const keptIndices = [...kept, ...(keep === null ? [] : [keep])]
    .map((id) => items.findIndex((item) => item.id === id))
    .filter((index) => index >= 0)
    .join();
  const virtualizer = useVirtualizer({
    useFlushSync: false,
    count: items.length,
    getScrollElement: () => scroller,
    estimateSize: () => usualHeight,
    getItemKey: useCallback((index: number) => items[index]?.id ?? index, [items]),
    overscan: 6,
    scrollMargin: useTop(list, scroller),
    // A jump by keyboard leaves a little of what comes next.
    scrollPaddingStart: 16,
    scrollPaddingEnd: 16,
    // What has the focus stays in the document, and so do its neighbours: Tab must find them.
    rangeExtractor: useCallback(
      (range: Parameters<typeof defaultRangeExtractor>[0]) => {
        const around = keptIndices === "" ? [] : keptIndices.split(",").map(Number).flatMap((index) => [index - 1, index, index + 1]);
        const drawn = new Set([...defaultRangeExtractor(range), ...around.filter((index) => index >= 0 && index < range.count)]);
        return [...drawn].sort((a, b) => a - b);
      },
      [keptIndices],
    ),
  });
  useImperativeHandle(ref, () => ({
    element: () => list.current,
    spans: () => virtualizer.measurementsCache.map(({ start, size }) => ({ top: start - virtualizer.options.scrollMargin, height: size })),
  }));

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const from = event.target instanceof HTMLElement ? event.target.closest("li") : null;
    // A menu opened in a row has arrows of its own.
    const step = event.target instanceof HTMLElement && event.target.matches(focusable) ? stepFor(event.key, scroller, usualHeight) : null;
    if (from === null || step === null) return;
    event.preventDefault();
    const control = controlsOf(from).indexOf(event.target as HTMLElement);
    const to = Math.min(items.length - 1, Math.max(0, (going.current ?? Number(from.dataset["index"])) + step));
    const id = items[to]?.id;
    if (id === undefined) return;
    setKept([...kept, id]);
    virtualizer.scrollToIndex(to, { align: "auto" });
    going.current = to;
    requestAnimationFrame(() => {
      // A later key has overtaken this one.
      if (going.current !== to) return;
      going.current = null;
      const there = list.current?.querySelector(`[data-index="${to}"]`);
      const controls = there == null ? [] : controlsOf(there);
      (controls[control] ?? controls[0])?.focus({ preventScroll: true });
    });
  };

  return (
    <List
      ref={list}
      className={cx("relative rounded-xl border border-line bg-panel", className)}
      // The border is part of the height.
      style={{ height: virtualizer.getTotalSize() + 2 }}
      onKeyDown={onKeyDown}
      onFocus={(event) => setKept([Number(event.target.closest("li")?.dataset["item"])])}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) setKept([]);
      }}
    >
      {virtualizer.getVirtualItems().map(({ index, start, key }) => {
        const item = items[index];
        const shift = shiftOf?.(index) ?? null;
        return (
          item && (
            <li
              key={key}
              ref={virtualizer.measureElement}
              data-index={index}
              data-item={item.id}
              aria-posinset={index + 1}
              aria-setsize={items.length}
              className={cx(
                "absolute left-0 w-full border-b border-line",
                index === items.length - 1 && "border-b-transparent",
                shift?.lifted === true && "z-10 rounded-xl border-b-transparent bg-raised shadow-pop",
                shift?.lifted === false && "transition-transform",
              )}
              // Not moved into place by a transform: a menu in a row would open beneath the rows that follow.
              style={{ top: start - virtualizer.options.scrollMargin, ...(shift === null ? {} : { transform: `translateY(${shift.by}px)` }) }}
            >
              {row(item, index)}
            </li>
          )
        );
      })}
    </List>
  );
}

const focusable = "input, button, a";

function controlsOf(row: Element): HTMLElement[] {
  return [...row.querySelectorAll<HTMLElement>(focusable)];
}

function stepFor(key: string, scroller: HTMLElement | null, rowHeight: number): number | null {
  const page = Math.max(1, Math.floor((scroller?.clientHeight ?? 0) / rowHeight));
  const steps: Partial<Record<string, number>> = {
    ArrowUp: -1,
    ArrowDown: 1,
    PageUp: -page,
    PageDown: page,
    Home: -Infinity,
    End: Infinity,
  };
  return steps[key] ?? null;
}

/** How far below the top of what scrolls a part of it begins, whatever comes and goes above it. */
function useTop(part: RefObject<HTMLElement | null>, scroller: HTMLElement | null): number {
  const [top, setTop] = useState(0);
  useLayoutEffect(() => {
    const content = scroller?.firstElementChild;
    if (scroller === null || content == null) return;
    const measure = () => {
      if (part.current === null) return;
      setTop(Math.round(part.current.getBoundingClientRect().top - scroller.getBoundingClientRect().top + scroller.scrollTop));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(content);
    // The content can stay as high as it was while what is above the list grows.
    for (const above of content.children) observer.observe(above);
    return () => observer.disconnect();
  }, [part, scroller]);
  return top;
}
