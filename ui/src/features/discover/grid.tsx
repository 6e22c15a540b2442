import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { RefObject } from "react";

import type { DiscoverModel } from "../../bindings/DiscoverModel";
import type { ModelMarks } from "../../bindings/ModelMarks";
import type { Settings } from "../../bindings/Settings";
import { text } from "../../text";
import { columnsFor } from "../library/paging";
import type { Range } from "../library/paging";
import { useWindow } from "../library/use-window";
import { Card, metaHeight } from "./card";
import { position } from "./remembered";

const gap = 14;
const leastCard = 172;
const side = 16;
/** More is asked for so many rows before the end is in sight. */
const ahead = 3;
/** Once one stays there so long, in milliseconds. */
const rest = 100;

/** Cards without an end: what follows is asked for as one comes near it. */
export function Grid({
  models,
  marksOf,
  settings,
  active,
  more,
  busy,
  resetKey,
  onMove,
  onOpen,
  onMore,
  listRef,
}: {
  models: readonly DiscoverModel[];
  marksOf: (id: number) => ModelMarks | undefined;
  settings: Settings | undefined;
  active: number | null;
  /** There are more, and they may be asked for. */
  more: boolean;
  busy: boolean;
  /** Changes when it is another search. */
  resetKey: unknown;
  onMove: (index: number) => void;
  onOpen: (index: number) => void;
  onMore: () => void;
  listRef: RefObject<HTMLDivElement | null>;
}) {
  const [width, setWidth] = useState(0);
  const [range, setRange] = useState<Range>({ start: 0, end: 0 });
  useLayoutEffect(() => {
    const element = listRef.current;
    if (!element) return;
    const measure = () => setWidth(Math.max(0, element.clientWidth - 2 * side));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [listRef]);

  const { columns, cardWidth } = columnsFor(width, leastCard, gap);
  const cardHeight = Math.round(cardWidth * 1.25) + metaHeight;
  // What is on its way has its places already, so that nothing jumps when it arrives.
  const total = models.length + (busy || more ? columns : 0);
  const { virtualizer, onKeyDown } = useWindow({
    scroller: listRef,
    total,
    columns,
    rowHeight: cardHeight + gap,
    paddingStart: 4,
    paddingEnd: 12,
    cover: 0,
    overscan: 2,
    active,
    resetKey,
    onRange: useCallback((next: Range) => setRange((now) => (now.start === next.start && now.end === next.end ? now : next)), []),
    onMove: (index) => onMove(Math.min(index, models.length - 1)),
    keys: { open: () => active !== null && onOpen(active) },
  });

  // Where one was when the place was left.
  const begun = useRef(false);
  useLayoutEffect(() => {
    if (begun.current || width === 0) return;
    begun.current = true;
    if (position.top > 0) virtualizer.scrollToOffset(position.top);
  }, [virtualizer, width]);

  const near = range.end + ahead * columns >= models.length;
  const { length } = models;
  useEffect(() => {
    if (!near || !more || busy) return;
    // While the grid finds its size, or somebody flies past, the end only seems near.
    const timer = setTimeout(onMore, rest);
    return () => clearTimeout(timer);
  }, [near, more, busy, length, onMore]);

  const cells = [];
  for (const row of virtualizer.getVirtualItems()) {
    for (let column = 0; column < columns; column += 1) {
      const index = row.index * columns + column;
      if (index >= total) break;
      const model = models[index] ?? null;
      cells.push(
        <div
          key={model === null ? `n${index}` : model.id}
          role="option"
          id={`item-${index}`}
          aria-selected={index === active}
          aria-posinset={index + 1}
          // How many there are nobody says.
          aria-setsize={more ? -1 : models.length}
          aria-label={model === null ? text.common.loading : undefined}
          aria-busy={model === null || undefined}
          data-model={model?.id}
          className="group absolute top-0 left-0 rounded-lg select-none"
          style={{ width: cardWidth, height: cardHeight, transform: `translate(${column * (cardWidth + gap)}px, ${row.start}px)` }}
          onClick={() => model !== null && onOpen(index)}
        >
          <Card model={model} marks={model === null ? undefined : marksOf(model.id)} settings={settings} active={index === active} />
        </div>,
      );
    }
  }

  return (
    <div
      ref={listRef}
      role="listbox"
      tabIndex={0}
      aria-label={text.discover.results}
      aria-busy={busy}
      aria-activedescendant={active === null ? undefined : `item-${active}`}
      onKeyDown={onKeyDown}
      onScroll={(event) => (position.top = event.currentTarget.scrollTop)}
      className="group/list min-h-0 flex-1 overflow-x-hidden overflow-y-auto px-4 outline-none"
    >
      <div role="presentation" className="relative" style={{ height: virtualizer.getTotalSize() }}>
        {width > 0 && cells}
      </div>
    </div>
  );
}
