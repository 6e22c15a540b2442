import { ArrowDown, ArrowUp } from "lucide-react";
import { memo } from "react";

import type { LibraryItem } from "../../bindings/LibraryItem";
import type { Settings } from "../../bindings/Settings";
import type { Sort } from "../../bindings/Sort";
import { cx } from "../../components/cx";
import { useNow } from "../../components/use-now";
import { text, format } from "../../text";
import { MarksShown } from "../marks/shown";
import { Cover, StateDot } from "./cover";
import { sortDirection } from "./filter";
import type { Filter } from "./filter";
import { useInFull } from "./in-full";
import { nameOf, stateWord } from "./item";
import { MoreMark, PickMark } from "./pick-mark";
import type { RowsProps } from "./rows";
import { useWindow } from "./use-window";
import { visible } from "../../text/visible";

const rowHeight = 40;
const headHeight = 30;

interface Column {
  id: keyof typeof text.library.columns;
  sort?: Sort;
  className: string;
}

// The widths leave room for the name first; columns that do not fit are left out by the container's width.
const columns: Column[] = [
  { id: "name", sort: "name", className: "min-w-0 flex-[3_1_14rem]" },
  { id: "kind", className: "w-24 shrink-0 @max-md:hidden" },
  { id: "base", className: "w-24 shrink-0 @max-lg:hidden" },
  { id: "state", className: "w-24 shrink-0 @max-sm:w-5" },
  { id: "size", sort: "size", className: "w-20 shrink-0 justify-end text-right" },
  { id: "modified", sort: "newest", className: "w-22 shrink-0 justify-end text-right @max-3xl:hidden" },
  { id: "folder", className: "min-w-0 flex-[1.5_1_8rem] @max-4xl:hidden" },
];

/** Rows with columns that sort. A grid to a screen reader: rows and columns, counted in full. */
export function List({
  library,
  settings,
  active,
  selectedId,
  selection,
  onPress,
  onMenu,
  onMove,
  keys,
  listRef,
  filter,
  onSort,
}: RowsProps & { filter: Filter; onSort: (sort: Sort) => void }) {
  const total = library.total ?? 0;
  const { virtualizer, rushing, onKeyDown } = useWindow({
    scroller: listRef,
    total,
    columns: 1,
    rowHeight,
    paddingStart: 0,
    paddingEnd: 8,
    cover: headHeight,
    overscan: 4,
    active,
    resetKey: library.shown,
    onRange: library.setRange,
    onMove,
    keys,
  });
  const now = useNow();

  return (
    <div
      ref={listRef}
      role="grid"
      tabIndex={0}
      aria-label={text.library.results}
      aria-multiselectable
      aria-busy={library.busy}
      aria-rowcount={total + 1}
      aria-colcount={columns.length}
      aria-activedescendant={active === null ? undefined : `item-${active}`}
      onKeyDown={onKeyDown}
      className="group/list @container min-h-0 flex-1 overflow-x-hidden overflow-y-auto outline-none"
    >
      <div role="rowgroup" className="sticky top-0 z-10 border-b border-line bg-bg px-4">
        <div role="row" aria-rowindex={1} className="flex items-center gap-4 px-2 text-sm text-faint" style={{ height: headHeight - 1 }}>
          {columns.map((column, index) => {
            const { sort } = column;
            const direction = sort === undefined ? "none" : sortDirection(filter, sort);
            return (
              <div
                key={column.id}
                role="columnheader"
                aria-colindex={index + 1}
                aria-sort={sort === undefined ? undefined : direction}
                className={cx("flex items-center", column.className)}
              >
                {sort === undefined ? (
                  <span className="truncate">{text.library.columns[column.id]}</span>
                ) : (
                  <button
                    type="button"
                    className={cx("-mx-1 flex items-center gap-1 rounded px-1 hover:text-text", direction !== "none" && "text-text")}
                    onClick={() => onSort(sort)}
                  >
                    {text.library.columns[column.id]}
                    {direction === "ascending" && <ArrowUp aria-hidden size={12} />}
                    {direction === "descending" && <ArrowDown aria-hidden size={12} />}
                  </button>
                )}
              </div>
            );
          })}
        </div>
      </div>
      <div role="rowgroup" className="relative mx-4" style={{ height: virtualizer.getTotalSize() }}>
        {virtualizer.getVirtualItems().map((row) => {
          const item = library.itemAt(row.index);
          const inspected = item !== null && item.id === selectedId;
          const picked = item !== null && selection.has(item.id);
          return (
            <div
              key={item ? `i${item.id}` : `n${row.index}`}
              role="row"
              id={`item-${row.index}`}
              aria-rowindex={row.index + 2}
              aria-selected={picked || (inspected && selection.size === 0)}
              aria-busy={item === null || undefined}
              data-file-id={item?.id}
              className={cx(
                "group absolute top-0 left-0 flex w-full items-center gap-4 rounded px-2 select-none [contain:size_layout_style]",
                picked || (inspected && selection.size === 0) ? "bg-wash" : "hover:bg-hover",
                inspected && selection.size > 0 && "ring-1 ring-accent ring-inset",
                row.index === active &&
                  "group-focus-visible/list:outline-2 group-focus-visible/list:-outline-offset-2 group-focus-visible/list:outline-accent",
              )}
              style={{ height: rowHeight, transform: `translateY(${row.start}px)` }}
              onClick={(event) => item && onPress(row.index, item, event)}
              onContextMenu={(event) => item && onMenu(row.index, item, event)}
            >
              <Cells item={item} settings={settings} now={now} picked={picked} picking={selection.size > 0} rushing={rushing} />
            </div>
          );
        })}
      </div>
    </div>
  );
}

const Cells = memo(function Cells({
  item,
  settings,
  now,
  picked,
  picking,
  rushing,
}: {
  item: LibraryItem | null;
  settings: Settings | undefined;
  now: number;
  picked: boolean;
  picking: boolean;
  rushing: boolean;
}) {
  const full = useInFull(rushing);
  if (item && !full) {
    return (
      <div role="gridcell" aria-colindex={1} className="truncate pl-9 text-base">
        {nameOf(item)}
      </div>
    );
  }
  return (
    <>
      {columns.map((column, index) => (
        <div
          key={column.id}
          role="gridcell"
          aria-colindex={index + 1}
          className={cx("flex items-center gap-2 text-sm text-dim", column.className)}
        >
          {item ? (
            <Cell id={column.id} item={item} settings={settings} now={now} />
          ) : (
            <span className="h-2 w-3/5 animate-breathe rounded bg-raised" />
          )}
        </div>
      ))}
      {item && <MoreMark className="absolute top-2 right-0 bg-raised" />}
      {item && <PickMark picked={picked} picking={picking} className="absolute top-1.5 left-1.5" />}
    </>
  );
});

function Cell({ id, item, settings, now }: { id: Column["id"]; item: LibraryItem; settings: Settings | undefined; now: number }) {
  switch (id) {
    case "name":
      return (
        <>
          <span className={cx("relative size-7 shrink-0 overflow-hidden rounded bg-raised", item.missing && "opacity-45 saturate-50")}>
            <Cover small item={item} settings={settings} />
          </span>
          <span className={cx("truncate text-base", item.missing ? "text-dim" : "text-text")} title={item.path}>
            {nameOf(item)}
            {item.version_name !== null && <span className="ml-1.5 text-sm text-faint"><bdi>{visible(item.version_name)}</bdi></span>}
          </span>
          <MarksShown item={item} className="flex shrink-0 items-center gap-1 text-xs text-faint" />
        </>
      );
    case "kind":
      return <span className="truncate">{text.kind(item.kind)}</span>;
    case "base":
      return <span className="truncate">{item.base_model}</span>;
    case "state": {
      const { word, tone } = stateWord(item);
      return (
        <>
          <StateDot tone={tone} />
          <span className="truncate @max-sm:sr-only">{word}</span>
        </>
      );
    }
    case "size":
      return <span className="tabular-nums">{format.bytes(item.size)}</span>;
    case "modified":
      return <span className="truncate tabular-nums">{format.day(item.modified_at, now)}</span>;
    case "folder":
      return (
        <span className="truncate" title={item.path}>
          {item.folder}
        </span>
      );
  }
}
