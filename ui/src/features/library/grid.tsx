import { memo, useLayoutEffect, useRef, useState } from "react";

import type { LibraryItem } from "../../bindings/LibraryItem";
import type { Settings } from "../../bindings/Settings";
import { cx } from "../../components/cx";
import { text, format } from "../../text";
import { MarksShown } from "../marks/shown";
import { Cover, StateDot } from "./cover";
import { useInFull } from "./in-full";
import { nameOf, stateWord } from "./item";
import { MoreMark, PickMark } from "./pick-mark";
import { columnsFor } from "./paging";
import { useWindow } from "./use-window";
import type { RowsProps } from "./rows";

const gap = 14;
const leastCard = 156;
const metaHeight = 54;
const side = 16;

/** Cards. A listbox: every card is one choice, whatever row it falls into. */
export function Grid({ library, settings, active, selectedId, selection, onPress, onMenu, onMove, keys, listRef }: RowsProps) {
  const inner = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const element = listRef.current;
    if (!element) return;
    const measure = () => setWidth(Math.max(0, element.clientWidth - 2 * side));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [listRef]);

  const total = library.total ?? 0;
  const { columns, cardWidth } = columnsFor(width, leastCard, gap);
  const cardHeight = Math.round(cardWidth * 1.25) + metaHeight;
  const { virtualizer, rushing, onKeyDown } = useWindow({
    scroller: listRef,
    total,
    columns,
    rowHeight: cardHeight + gap,
    paddingStart: 4,
    paddingEnd: 8,
    cover: 0,
    overscan: 1,
    active,
    resetKey: library.shown,
    onRange: library.setRange,
    onMove,
    keys,
  });

  const cells = [];
  for (const row of virtualizer.getVirtualItems()) {
    for (let column = 0; column < columns; column += 1) {
      const index = row.index * columns + column;
      if (index >= total) break;
      const item = library.itemAt(index);
      const picked = item !== null && selection.has(item.id);
      const inspected = item !== null && item.id === selectedId;
      cells.push(
        <div
          key={item ? `i${item.id}` : `n${index}`}
          role="option"
          id={`item-${index}`}
          aria-selected={picked || (inspected && selection.size === 0)}
          aria-posinset={index + 1}
          aria-setsize={total}
          aria-label={item ? undefined : text.common.loading}
          data-file-id={item?.id}
          aria-busy={item === null || undefined}
          className="group absolute top-0 left-0 rounded-lg select-none [contain:size_layout_style]"
          style={{
            width: cardWidth,
            height: cardHeight,
            transform: `translate(${column * (cardWidth + gap)}px, ${row.start}px)`,
          }}
          onClick={(event) => item && onPress(index, item, event)}
          onContextMenu={(event) => item && onMenu(index, item, event)}
        >
          <Card
            item={item}
            settings={settings}
            inspected={inspected}
            picked={picked}
            picking={selection.size > 0}
            active={index === active}
            rushing={rushing}
          />
        </div>,
      );
    }
  }

  return (
    <div
      ref={listRef}
      role="listbox"
      tabIndex={0}
      aria-label={text.library.results}
      aria-multiselectable
      aria-busy={library.busy}
      aria-activedescendant={active === null ? undefined : `item-${active}`}
      onKeyDown={onKeyDown}
      className="group/list min-h-0 flex-1 overflow-x-hidden overflow-y-auto px-4 outline-none"
    >
      <div ref={inner} role="presentation" className="relative" style={{ height: virtualizer.getTotalSize() }}>
        {width > 0 && cells}
      </div>
    </div>
  );
}

const Card = memo(function Card({
  item,
  settings,
  inspected,
  picked,
  picking,
  active,
  rushing,
}: {
  item: LibraryItem | null;
  settings: Settings | undefined;
  inspected: boolean;
  picked: boolean;
  picking: boolean;
  active: boolean;
  rushing: boolean;
}) {
  const full = useInFull(rushing);
  const frame = cx(
    "flex size-full overflow-hidden rounded-lg border bg-panel transition-colors",
    picked && "bg-wash",
    inspected || picked ? "border-accent ring-1 ring-accent" : "border-line group-hover:border-line2",
    active && "group-focus-visible/list:outline-2 group-focus-visible/list:outline-offset-2 group-focus-visible/list:outline-accent",
  );
  if (!item) {
    return (
      <div className={cx(frame, "flex-col")}>
        <div className="flex-1 animate-breathe bg-raised" />
        <div className="flex flex-col gap-2 p-2.5">
          <div className="h-2.5 w-4/5 rounded bg-raised" />
          <div className="h-2 w-1/2 rounded bg-raised" />
        </div>
      </div>
    );
  }
  if (!full) {
    return (
      <div className={cx(frame, "flex-col-reverse")}>
        <strong className="shrink-0 truncate px-2.5 pt-2 font-medium" style={{ height: metaHeight - 1 }}>
          {nameOf(item)}
        </strong>
        <div className="min-h-0 flex-1 bg-raised" />
      </div>
    );
  }
  const { word, tone } = stateWord(item);
  const badge = "absolute rounded-sm bg-scrim px-1.5 py-px text-[0.65625rem] leading-4 text-on-scrim";
  // The words come first in the document, as a reader says them; on screen the picture is above.
  return (
    <div className={cx(frame, "flex-col-reverse")}>
      <div className="relative shrink-0 px-2.5 pt-2" style={{ height: metaHeight - 1 }}>
        <strong className={cx("block truncate font-medium", item.missing && "text-dim")} title={nameOf(item)}>
          {nameOf(item)}
        </strong>
        <Pause />
        <span className={cx("flex items-center gap-1.5 text-xs", picked ? "text-dim" : "text-faint")}>
          <StateDot tone={tone} />
          <span className="truncate">{word}</span>
          <Pause />
          <span className="ml-auto shrink-0 tabular-nums">{format.bytes(item.size)}</span>
        </span>
        <Pause />
        <MoreMark className="absolute top-1 right-1 bg-panel" />
      </div>
      <div className="relative min-h-0 flex-1 overflow-hidden">
        <div className={cx("absolute inset-0 overflow-hidden bg-raised", item.missing && "opacity-40 saturate-50")}>
          <Cover item={item} settings={settings} />
        </div>
        <span className={cx(badge, "top-2 left-2 flex max-w-[calc(100%-2.75rem)] gap-1.5")}>
          <b className="shrink-0 font-semibold">{text.kind(item.kind)}</b>
          <Pause />
          {item.base_model !== null && <span className="truncate">{item.base_model}</span>}
        </span>
        <MarksShown item={item} className={cx(badge, "bottom-2 left-2 flex items-center gap-1")} />
        <PickMark picked={picked} picking={picking} className="absolute top-1 right-1" />
        {item.copies > 1 && <span className={cx(badge, "right-2 bottom-2")}>{text.library.copiesShort(item.copies)}</span>}
      </div>
    </div>
  );
});

/** A comma for the ear. */
function Pause() {
  return <span className="sr-only">, </span>;
}
