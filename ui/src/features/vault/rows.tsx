import { defaultRangeExtractor, useVirtualizer } from "@tanstack/react-virtual";
import { useCallback, useLayoutEffect, useRef, useState } from "react";
import type { KeyboardEvent, RefObject } from "react";

import type { VaultEntry } from "../../bindings/VaultEntry";
import { moved, moveForKey } from "../library/paging";
import { Row } from "./row";

// A guess until a row was measured: a status of Civitai's and a narrow page make it taller.
const usualHeight = 59;

const focusable = "input, button, a";

/**
 * The rows on screen and a few around them, in a page that scrolls as a whole. To a screen reader it is a list that
 * knows its length; Tab goes through it as if all of it were there, and the arrows go from row to row.
 */
export function Rows({
  entries,
  scroller,
  chosen,
  isUnderway,
  asking,
  onSelect,
  onDownload,
  onChoose,
  onTakeOut,
}: {
  entries: readonly VaultEntry[];
  /** What scrolls; `null` until it is drawn. */
  scroller: HTMLElement | null;
  chosen: ReadonlySet<number>;
  isUnderway: (entry: VaultEntry) => boolean;
  asking: boolean;
  onSelect: (entry: VaultEntry) => void;
  onDownload: (entry: VaultEntry) => void;
  onChoose: (entry: VaultEntry) => void;
  onTakeOut: (entry: VaultEntry) => void;
}) {
  const list = useRef<HTMLUListElement>(null);
  /** The item that has the focus, and the one it goes to. */
  const [kept, setKept] = useState<readonly number[]>([]);
  const indexOf = (id: number) => entries.findIndex((entry) => entry.item.id === id);
  const keptIndices = kept.map(indexOf).filter((index) => index >= 0).join();
  const virtualizer = useVirtualizer({
    useFlushSync: false,
    count: entries.length,
    getScrollElement: () => scroller,
    estimateSize: () => usualHeight,
    getItemKey: useCallback((index: number) => entries[index]?.item.id ?? index, [entries]),
    overscan: 6,
    scrollMargin: useTop(list, scroller),
    // Room for what a jump by keyboard would otherwise put right at the edge.
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

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const row = event.target instanceof Element ? event.target.closest("li") : null;
    const move = moveForKey(event.key);
    if (row === null || move === null || move === "left" || move === "right") return;
    event.preventDefault();
    const control = [...row.querySelectorAll(focusable)].indexOf(event.target as Element);
    const page = Math.floor((scroller?.clientHeight ?? 0) / usualHeight);
    const to = moved(Number(row.dataset["index"]), move, entries.length, 1, page);
    const id = to === null ? undefined : entries[to]?.item.id;
    if (to === null || id === undefined) return;
    setKept([...kept, id]);
    virtualizer.scrollToIndex(to, { align: "auto" });
    requestAnimationFrame(() => {
      const controls = list.current?.querySelector(`[data-index="${to}"]`)?.querySelectorAll<HTMLElement>(focusable);
      (controls?.[control] ?? controls?.[0])?.focus({ preventScroll: true });
    });
  };

  return (
    <ul
      ref={list}
      className="relative overflow-hidden rounded-xl border border-line bg-panel"
      // The border is part of the height.
      style={{ height: virtualizer.getTotalSize() + 2 }}
      onKeyDown={onKeyDown}
      onFocus={(event) => setKept([Number(event.target.closest("li")?.dataset["item"])])}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) setKept([]);
      }}
    >
      {virtualizer.getVirtualItems().map(({ index, start, key }) => {
        const entry = entries[index];
        return (
          entry && (
            <li
              key={key}
              ref={virtualizer.measureElement}
              data-index={index}
              data-item={entry.item.id}
              aria-posinset={index + 1}
              aria-setsize={entries.length}
              className="absolute top-0 left-0 w-full border-b border-line hover:bg-hover data-last:border-b-0"
              data-last={index === entries.length - 1 || undefined}
              style={{ transform: `translateY(${start - virtualizer.options.scrollMargin}px)` }}
            >
              <Row
                entry={entry}
                selected={chosen.has(entry.item.id)}
                underway={isUnderway(entry)}
                asking={asking}
                onSelect={onSelect}
                onDownload={onDownload}
                onChoose={onChoose}
                onTakeOut={onTakeOut}
              />
            </li>
          )
        );
      })}
    </ul>
  );
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
