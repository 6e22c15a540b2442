import { FolderSearch, SearchX, TriangleAlert } from "lucide-react";
import { useEffect, useRef, useState } from "react";

import { useCommand } from "../../api/client";
import { useSettings } from "../../api/settings";
import type { LibraryItem } from "../../bindings/LibraryItem";
import { announce } from "../../components/announce";
import { Button } from "../../components/button";
import { cx } from "../../components/cx";
import { StateMessage } from "../../components/state-message";
import { phoneWidth, useMedia, wideWidth } from "../../components/use-media";
import { errorWords, WithCode } from "../../components/wire-error";
import { text } from "../../text";
import { Inspector } from "../inspector/inspector";
import { useScan } from "../scan/use-scan";
import { FacetBar } from "./facet-bar";
import { cleared, facetQuery, isUnfiltered, noFilter, sortedBy } from "./filter";
import type { Filter, View } from "./filter";
import { Grid } from "./grid";
import { List } from "./list";
import { SkeletonGrid } from "./skeleton";
import { Toolbar } from "./toolbar";
import { useLibrary } from "./use-library";

interface Chosen {
  index: number | null;
  id: number;
}

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

  const list = useRef<HTMLDivElement>(null);
  const inspector = useRef<HTMLElement>(null);
  const [active, setActive] = useState<number | null>(null);
  const [chosen, setChosen] = useState<Chosen | null>(file === null ? null : { index: null, id: file });
  const [open, setOpen] = useState(file !== null);
  useEffect(() => {
    if (file !== null) inspector.current?.focus();
  }, [file]);

  // Another filter or order: other rows, so the keyboard starts from the top again.
  const [rowsFor, setRowsFor] = useState(library.shown);
  if (rowsFor !== library.shown) {
    setRowsFor(library.shown);
    setActive(null);
  }
  const { total, totalBytes, shown } = library;
  const announcedFor = useRef(shown);
  useEffect(() => {
    // Only for what the person changed: during a scan the count moves all the time.
    if (total === null || announcedFor.current === shown) return;
    announcedFor.current = shown;
    announce(text.library.shown(total, totalBytes));
  }, [shown, total, totalBytes]);
  const lastRow = (library.total ?? 0) - 1;
  if (active !== null && library.total !== null && active > lastRow) setActive(lastRow < 0 ? null : lastRow);

  // Moving onto a row that is not there yet chooses it once it is.
  const atActive = active === null ? null : library.itemAt(active);
  if (chosen !== null && chosen.index !== null && chosen.index === active && chosen.id === -1 && atActive) {
    setChosen({ index: active, id: atActive.id });
  }

  const show = () => {
    setOpen(true);
    requestAnimationFrame(() => inspector.current?.focus());
  };
  const choose = (index: number, item: LibraryItem) => {
    setActive(index);
    setChosen({ index, id: item.id });
    setOpen(true);
    if (phone) requestAnimationFrame(() => inspector.current?.focus());
  };
  const move = (index: number) => {
    setActive(index);
    setChosen({ index, id: library.itemAt(index)?.id ?? -1 });
  };
  const close = () => {
    setOpen(false);
    requestAnimationFrame(() => list.current?.focus({ preventScroll: true }));
  };

  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || event.defaultPrevented || !open) return;
      setOpen(false);
      requestAnimationFrame(() => list.current?.focus({ preventScroll: true }));
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, [open]);

  const selectedId = chosen !== null && chosen.id !== -1 ? chosen.id : null;
  const rows = {
    library,
    settings: settings.data,
    active,
    selectedId,
    onChoose: choose,
    onMove: move,
    onOpen: show,
    listRef: list,
  };
  const inspecting = open && selectedId !== null;
  const covered = inspecting && phone;
  return (
    <>
      <main id="main" inert={covered} className="flex min-h-0 min-w-0 flex-1 flex-col" aria-label={text.library.title}>
        <h1 className="sr-only">{text.library.title}</h1>
        <Toolbar
          filter={filter}
          view={view}
          all={whole.data?.all ?? 0}
          onFilter={onFilter}
          onView={onView}
          onLeaveSearch={() => list.current?.focus()}
        />
        <FacetBar
          filter={filter}
          facets={facets.data}
          whole={whole.data}
          roots={roots.data ?? []}
          phone={phone}
          summary={library.total === null ? null : text.library.shown(library.total, library.totalBytes)}
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
        ) : library.total === null ? (
          <SkeletonGrid />
        ) : library.total === 0 ? (
          <Nothing filter={filter} onFilter={onFilter} onSettings={onSettings} />
        ) : view === "grid" ? (
          <Grid {...rows} />
        ) : (
          <List {...rows} filter={filter} onSort={(sort) => onFilter(sortedBy(filter, sort))} />
        )}
      </main>
      {inspecting && (
        <Inspector
          ref={inspector}
          id={selectedId}
          known={atActive?.id === selectedId ? atActive : null}
          onClose={close}
          onShow={(id) => {
            setChosen({ index: null, id });
            setActive(null);
          }}
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

function Nothing({ filter, onFilter, onSettings }: { filter: Filter; onFilter: (change: Partial<Filter>) => void; onSettings: () => void }) {
  const scan = useScan();
  if (!isUnfiltered(filter)) {
    return (
      <StateMessage icon={SearchX} title={text.library.nothing.title} hint={text.library.nothing.hint(filter.search)}>
        <Button onClick={() => onFilter(cleared(filter))}>{text.library.nothing.clear}</Button>
      </StateMessage>
    );
  }
  if (scan.running) {
    return <StateMessage icon={FolderSearch} title={text.library.empty.scanning} hint={text.library.empty.scanningHint} />;
  }
  return (
    <StateMessage icon={FolderSearch} title={text.library.empty.title} hint={text.library.empty.hint}>
      <Button look="primary" onClick={() => scan.start()}>
        {text.library.empty.scan}
      </Button>
      <Button onClick={onSettings}>{text.library.empty.folders}</Button>
    </StateMessage>
  );
}
