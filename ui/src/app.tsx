import { TriangleAlert, WifiOff } from "lucide-react";
import { useEffect, useState } from "react";

import { useCareCount } from "./api/care";
import { useCommand, useConnection } from "./api/client";
import { useDownloads } from "./api/downloads";
import { useLink } from "./api/link";
import { Button } from "./components/button";
import { StateMessage } from "./components/state-message";
import { phoneWidth, useMedia } from "./components/use-media";
import { focusMain, goInto, goTo, usePlace } from "./components/use-place";
import { errorWords, WithCode } from "./components/wire-error";
import { isOver } from "./features/downloads/state";
import { FileActionsProvider } from "./features/files/file-actions";
import { cleared, facetQuery, noFilter, toggled } from "./features/library/filter";
import type { Filter, View } from "./features/library/filter";
import { LibraryPlace } from "./features/library/library";
import { pillOf } from "./features/link/state";
import { useAsks } from "./features/link/use-asks";
import { useNeeds } from "./features/needs/use-needs";
import { fileOf, placeOf } from "./features/rail/places";
import { BottomBar, Rail } from "./features/rail/rail";
import { ScanBar } from "./features/scan/scan-bar";
import { Overlays } from "./overlays";
import type { Overlay } from "./overlays";
import { ActivityPlace, CarePlace, DiscoverPlace, DownloadsPlace, FirstRun, NeedsPlace, SettingsPlace, VaultPlace } from "./places";
import { text } from "./text";
import { useTheme } from "./theme";

const viewStore = "modeldock.view";

export function App() {
  useTheme();
  const { place, rest } = placeOf(usePlace());
  const file = fileOf(rest);
  const phone = useMedia(phoneWidth);
  const roots = useCommand("roots_list", {});
  const facets = useCommand("library_facets", facetQuery(noFilter));
  const downloads = useDownloads();
  const vault = useCommand("vault_show", {});
  const { needs } = useNeeds();
  const pill = pillOf(useLink().data);
  const asks = useAsks();
  const care = useCareCount();
  const unfinished = downloads.data?.filter((download) => !isOver(download)).length ?? 0;
  const amounts = {
    library: facets.data?.all ?? null,
    vault: vault.data && vault.data.items.length > 0 ? vault.data.items.length : null,
    downloads: unfinished > 0 ? unfinished : null,
    care,
    needs: needs.length > 0 ? needs.length : null,
  };
  const [filter, setFilter] = useState<Filter>(noFilter);
  const [view, setView] = useState<View>(() => (localStorage.getItem(viewStore) === "list" ? "list" : "grid"));
  // A change, not a whole: a search still settling must not undo a chip clicked meanwhile.
  const change = (part: Partial<Filter>) => setFilter((now) => ({ ...now, ...part }));
  /** The library with this asked for, and nothing else. */
  const show = (part: Partial<Filter>) => {
    setFilter((now) => ({ ...cleared(now), ...part }));
    goInto("library");
  };
  const [overlay, setOverlay] = useState<Overlay>(null);
  const [setUp, setSetUp] = useState(false);
  if (roots.data?.length === 0 && !setUp) setSetUp(true);

  useEffect(() => {
    document.title = `${text.places[place]} · ${text.app.name}`;
  }, [place]);

  if (roots.isError && roots.data === undefined) {
    const { message, hint } = errorWords(roots.error);
    return (
      <main className="flex h-full">
        <StateMessage alone alert icon={TriangleAlert} title={<WithCode>{message}</WithCode>} hint={hint === null ? undefined : <WithCode>{hint}</WithCode>}>
          <Button onClick={() => void roots.refetch()}>{text.common.retry}</Button>
        </StateMessage>
      </main>
    );
  }

  if (setUp && place === "library") {
    return (
      <div className="flex h-full flex-col">
        <ConnectionBanner />
        <FirstRun
          onDone={(next) => {
            setSetUp(false);
            goTo(next);
          }}
        />
        <Overlays overlay={overlay} asks={asks} onOverlay={setOverlay} onLibrary={show} />
      </div>
    );
  }

  return (
    <div className="flex h-full flex-col">
      <a
        href="#main"
        className="sr-only top-2 left-2 z-50 rounded bg-raised px-3 py-1.5 shadow-pop focus:not-sr-only focus:absolute"
        onClick={(event) => {
          event.preventDefault();
          focusMain();
        }}
      >
        {text.places.skip}
      </a>
      <ConnectionBanner />
      <div className="relative flex min-h-0 flex-1">
        {!phone && (
          <Rail
            place={place}
            amounts={amounts}
            pill={pill}
            roots={roots.data ?? []}
            chosenRoots={filter.roots}
            onPalette={() => setOverlay("palette")}
            onRoot={(id) => {
              change({ roots: place === "library" ? toggled(filter.roots, id) : [id] });
              goTo("library");
            }}
          />
        )}
        <FileActionsProvider>
          {place === "settings" ? (
            <SettingsPlace section={rest} />
          ) : place === "discover" ? (
            <DiscoverPlace rest={rest} />
          ) : place === "vault" ? (
            <VaultPlace />
          ) : place === "downloads" ? (
            <DownloadsPlace rest={rest} />
          ) : place === "care" ? (
            <CarePlace rest={rest} />
          ) : place === "activity" ? (
            <ActivityPlace />
          ) : place === "needs" ? (
            <NeedsPlace onLibrary={show} onDecide={asks.decide} />
          ) : (
            <LibraryPlace
              // Another file in the address: another look at the library, with that file open.
              key={file ?? "all"}
              file={file}
              filter={filter}
              view={view}
              onFilter={change}
              onView={(next) => {
                localStorage.setItem(viewStore, next);
                setView(next);
              }}
              onSettings={() => goTo("settings")}
            />
          )}
        </FileActionsProvider>
      </div>
      <ScanBar />
      {phone && <BottomBar place={place} amounts={amounts} pill={pill} />}
      <Overlays overlay={overlay} asks={asks} onOverlay={setOverlay} onLibrary={show} />
    </div>
  );
}

/** After a moment only: a reconnect that works at once is nobody's business. */
function ConnectionBanner() {
  const lost = useConnection() === "lost";
  const [shown, setShown] = useState(false);
  useEffect(() => {
    if (!lost) return;
    const timer = setTimeout(() => setShown(true), 1200);
    return () => {
      clearTimeout(timer);
      setShown(false);
    };
  }, [lost]);
  if (!shown) return null;
  return (
    <div role="status" className="flex shrink-0 items-center justify-center gap-2 border-b border-line bg-warn-wash px-4 py-1.5 text-sm">
      <WifiOff aria-hidden size={13} className="text-warn" />
      {text.connection.lost}
    </div>
  );
}
