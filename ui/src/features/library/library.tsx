import { TriangleAlert } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import type { MouseEvent } from "react";

import { useCommand } from "../../api/client";
import { useSettings } from "../../api/settings";
import type { LibraryItem } from "../../bindings/LibraryItem";
import { announce } from "../../components/announce";
import { Button } from "../../components/button";
import { cx } from "../../components/cx";
import { MenuAt } from "../../components/menu";
import type { Point } from "../../components/menu";
import { StateMessage } from "../../components/state-message";
import { phoneWidth, useMedia, wideWidth } from "../../components/use-media";
import { errorWords, WithCode } from "../../components/wire-error";
import { text } from "../../text";
import { useFileActions } from "../files/file-actions";
import { ids, subjectOf } from "../files/subject";
import type { Subject } from "../files/subject";
import { Inspector } from "../inspector/inspector";
import { ActionBar } from "./action-bar";
import { BulkOutcome } from "./bulk-outcome";
import { FacetBar } from "./facet-bar";
import { facetQuery, noFilter, sortedBy } from "./filter";
import type { Filter, View } from "./filter";
import { Grid } from "./grid";
import { nameOf } from "./item";
import { ItemMenuItems } from "./item-menu";
import { List } from "./list";
import { Nothing } from "./nothing";
import { markAt } from "./pick-mark";
import type { RowsProps } from "./rows";
import { SkeletonGrid } from "./skeleton";
import { Toolbar } from "./toolbar";
import { useBulk } from "./use-bulk";
import { useChosen } from "./use-chosen";
import { useLibrary } from "./use-library";
import { useSelection } from "./use-selection";

export function LibraryPlace({
  file = null,
  filter,
  view,
  onFilter,
  onView,
  onSettings,
}: {
  /** Open with this file's details, wherever it is in the list. */
  file?: number | null;
  filter: Filter;
  view: View;
  onFilter: (change: Partial<Filter>) => void;
  onView: (view: View) => void;
  onSettings: () => void;
}) {
  const phone = useMedia(phoneWidth);
  const wide = useMedia(wideWidth);
  const library = useLibrary(filter);
  const facets = useCommand("library_facets", facetQuery(filter), { keepPrevious: true });
  const whole = useCommand("library_facets", facetQuery(noFilter));
  const roots = useCommand("roots_list", {});
  const settings = useSettings();
  const actions = useFileActions();

  const list = useRef<HTMLDivElement>(null);
  const inspector = useRef<HTMLElement>(null);
  const chosen = useChosen(library, file, phone, list, inspector);
  const selecting = useSelection(library);
  const bulk = useBulk();
  const [menu, setMenu] = useState<{ at: Point; index: number; item: LibraryItem } | null>(null);
  const { selection, clear } = selecting;
  const { active, atActive, selectedId, open, close } = chosen;
  const toList = () => list.current?.focus({ preventScroll: true });

  const { total, totalBytes, shown } = library;
  const announcedFor = useRef(shown);
  useEffect(() => {
    // Only for what the person changed: during a scan the count moves all the time.
    if (total === null || announcedFor.current === shown) return;
    announcedFor.current = shown;
    announce(text.library.shown(total, totalBytes));
  }, [shown, total, totalBytes]);

  const press = (index: number, item: LibraryItem, event: MouseEvent) => {
    const marked = markAt(event.target);
    if (marked?.mark === "menu") {
      const { left, bottom } = marked.element.getBoundingClientRect();
      setMenu({ at: { x: left, y: bottom }, index, item });
    } else if (event.shiftKey) {
      chosen.setActive(index);
      selecting.extend(index, active);
    } else if (marked?.mark === "pick" || event.ctrlKey || event.metaKey || (phone && selection.size > 0)) {
      chosen.setActive(index);
      selecting.toggle(index, item);
    } else {
      if (selection.size > 0) selecting.clear();
      chosen.choose(index, item);
    }
  };
  // All selected ones where it is one of them.
  const menuSubjects = useMemo(
    () => (menu === null ? [] : selection.has(menu.item.id) ? [...selection.values()] : [subjectOf(menu.item)]),
    [menu, selection],
  );
  const trashed = (subjects: readonly Subject[]) => {
    clear();
    chosen.forget(new Set(ids(subjects)));
  };
  const trash = (subjects: readonly Subject[]) => {
    if (subjects.length > 0) actions.trash(subjects, { onClosed: toList, onDone: () => trashed(subjects) });
  };
  const withKeyboard = () => (selection.size > 0 ? [...selection.values()] : atActive === null ? [] : [subjectOf(atActive)]);

  const hasSelection = selection.size > 0 || selecting.gathering;
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || event.defaultPrevented) return;
      const inDetails = event.target instanceof Node && inspector.current?.contains(event.target) === true;
      if (hasSelection && !inDetails) clear();
      else if (open) close();
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  });

  const rows: RowsProps = {
    library,
    settings: settings.data,
    active,
    selectedId,
    selection,
    onPress: press,
    onMenu: (index, item, event) => {
      event.preventDefault();
      chosen.setActive(index);
      setMenu({ at: { x: event.clientX, y: event.clientY }, index, item });
    },
    onMove: (index, extend) => {
      if (extend) selecting.extend(index, active);
      chosen.move(index);
    },
    keys: {
      open: chosen.show,
      toggle: () => {
        if (active !== null && atActive !== null) selecting.toggle(active, atActive);
      },
      all: selecting.all,
      menu: (row) => {
        if (row === null || active === null || atActive === null) return;
        const { left, top } = row.getBoundingClientRect();
        setMenu({ at: { x: left + 24, y: top + 24 }, index: active, item: atActive });
      },
      trash: () => trash(withKeyboard()),
      rate: (rating) => bulk.mark(withKeyboard(), { rating }),
    },
    listRef: list,
  };
  const inspecting = open && selectedId !== null;
  return (
    <>
      <main id="main" tabIndex={-1} className="flex min-h-0 min-w-0 flex-1 flex-col outline-none" aria-label={text.library.title}>
        <h1 className="sr-only">{text.library.title}</h1>
        {/* On a phone the details lie over all of it; the place itself and its heading stay what the page is about. */}
        <div inert={inspecting && phone} className="contents">
          <Toolbar filter={filter} view={view} all={whole.data?.all ?? 0} onFilter={onFilter} onView={onView} onLeaveSearch={() => list.current?.focus()} />
          <FacetBar
            filter={filter}
            facets={facets.data}
            whole={whole.data}
            roots={roots.data ?? []}
            phone={phone}
            summary={total === null ? null : text.library.shown(total, totalBytes)}
            onFilter={onFilter}
          />
          {library.error !== null ? (
            <StateMessage
              alert
              icon={TriangleAlert}
              title={<WithCode>{errorWords(library.error).message}</WithCode>}
              hint={<WithCode>{errorWords(library.error).hint ?? ""}</WithCode>}
            >
              <Button onClick={library.retry}>{text.common.retry}</Button>
            </StateMessage>
          ) : total === null ? (
            <SkeletonGrid />
          ) : total === 0 ? (
            <Nothing filter={filter} onFilter={onFilter} onSettings={onSettings} />
          ) : view === "grid" ? (
            <Grid {...rows} />
          ) : (
            <List {...rows} filter={filter} onSort={(sort) => onFilter(sortedBy(filter, sort))} />
          )}
          <BulkOutcome bulk={bulk} />
          <ActionBar selecting={selecting} total={total ?? 0} bulk={bulk} onTrash={trash} toList={toList} />
          {menu !== null && (
            <MenuAt
              at={menu.at}
              label={menuSubjects.length > 1 ? text.fileActions.menuMany(menuSubjects.length) : text.fileActions.menu(nameOf(menu.item))}
              onClose={() => setMenu(null)}
              onClosed={toList}
            >
              <ItemMenuItems
                item={menu.item}
                subjects={menuSubjects}
                selected={selection.has(menu.item.id)}
                onOpen={() => {
                  chosen.choose(menu.index, menu.item);
                  chosen.show();
                }}
                onSelect={() => selecting.toggle(menu.index, menu.item)}
                onError={bulk.tell}
                onClosed={toList}
                onTrashed={() => trashed(menuSubjects)}
              />
            </MenuAt>
          )}
        </div>
      </main>
      {inspecting && (
        <Inspector
          ref={inspector}
          id={selectedId}
          known={atActive?.id === selectedId ? atActive : null}
          onClose={close}
          onShow={chosen.showOther}
          onTrashed={() => chosen.forget(new Set([selectedId]))}
          className={cx(
            wide && "relative w-86 border-l",
            !wide && "absolute inset-y-0 right-0 z-20",
            !wide && (phone ? "left-0" : "w-86 border-l shadow-pop"),
          )}
          phone={phone}
        />
      )}
    </>
  );
}
