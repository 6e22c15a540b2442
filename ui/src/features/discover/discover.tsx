import { CloudOff, EyeOff, SearchX } from "lucide-react";
import { useCallback, useEffect, useRef, useState } from "react";
import type { RefObject } from "react";

import { useAccount } from "../../api/account";
import { useCommand } from "../../api/client";
import { useCatalogue, useMarks, useModels } from "../../api/discover";
import { useSettings } from "../../api/settings";
import { Button } from "../../components/button";
import { cx } from "../../components/cx";
import { Notice, StateMessage } from "../../components/state-message";
import { goTo } from "../../components/use-place";
import { ErrorWords } from "../../components/wire-error";
import { text } from "../../text";
import { SkeletonGrid } from "../library/skeleton";
import { Failed } from "./failed";
import { addressIn, addressOf, numberIn, openedAt, searchFor } from "./filter";
import { Find, OpenNumber } from "./find";
import { Grid } from "./grid";
import { ModelPage } from "./model";
import { changeFilter, position, useFilter } from "./remembered";
import { Tools } from "./tools";

const words = text.discover;

/** Pages without anything to show that are passed over by themselves. */
const mostBarren = 3;

/** The catalogue, and over it the model that the address names. The results stay as they are beneath. */
export function DiscoverPlace({ rest }: { rest: string }) {
  const opened = openedAt(rest);
  const settings = useSettings();
  const list = useRef<HTMLDivElement>(null);
  const [browsed, setBrowsed] = useState(opened === null);
  // Opened by its address: the catalogue is asked for once somebody goes back to it.
  if (opened === null && !browsed) setBrowsed(true);
  const was = useRef(opened?.model ?? null);
  const now = opened?.model ?? null;
  useEffect(() => {
    const back = now === null && was.current !== null;
    was.current = now;
    if (!back) return;
    // Hidden until the next frame where motion is reduced: that makes a moment of every change, and of this one too.
    const frame = requestAnimationFrame(() => requestAnimationFrame(() => list.current?.focus({ preventScroll: true })));
    return () => cancelAnimationFrame(frame);
  }, [now]);

  if (settings.data?.look_up === false) {
    return (
      <main id="main" aria-label={words.title} tabIndex={-1} className="flex min-h-0 min-w-0 flex-1 outline-none">
        <StateMessage alone icon={CloudOff} title={words.off} hint={words.offHint}>
          <Button onClick={() => goTo("settings")}>{words.toSettings}</Button>
        </StateMessage>
      </main>
    );
  }
  return (
    <div className="relative flex min-h-0 min-w-0 flex-1">
      {browsed && <Catalogue listRef={list} hidden={opened !== null} />}
      {opened !== null && <ModelPage key={opened.model} id={opened.model} version={opened.version} />}
    </div>
  );
}

function Catalogue({ listRef, hidden }: { listRef: RefObject<HTMLDivElement | null>; hidden: boolean }) {
  const settings = useSettings();
  const info = useCommand("app_info", {});
  const account = useAccount();
  const filter = useFilter();
  const [active, setActive] = useState<number | null>(position.active);
  const [of, setOf] = useState(filter);
  if (of !== filter) {
    setOf(filter);
    setActive(position.active);
  }
  const change = changeFilter;
  const move = (index: number) => {
    position.active = index;
    setActive(index);
  };

  // An address means a model, not words.
  const address = addressIn(filter.text);
  const search = searchFor(filter);
  const catalogue = useCatalogue(search, address === null && settings.data !== undefined);
  const pages = catalogue.data?.pages;
  const models = useModels(pages);
  const marksOf = useMarks(models);
  const above = pages?.reduce((sum, page) => sum + page.above_level, 0) ?? 0;
  const barren = pages === undefined ? 0 : pages.length - 1 - pages.findLastIndex((page) => page.models.length > 0);
  const ended = catalogue.isFetchNextPageError || barren >= mostBarren;
  const more = catalogue.hasNextPage && !ended;
  const { fetchNextPage } = catalogue;
  const onMore = useCallback(() => void fetchNextPage(), [fetchNextPage]);
  useEffect(() => {
    if (models.length === 0 && more && !catalogue.isFetching) onMore();
  }, [models.length, more, catalogue.isFetching, onMore]);

  const open = (index: number) => {
    const model = models[index];
    if (model === undefined) return;
    move(index);
    goTo(addressOf(model.id, null));
  };
  const waiting = address === null && (catalogue.isPending || (models.length === 0 && more));
  const capped = pages !== undefined && !catalogue.hasNextPage && pages.at(-1)?.next !== null;
  const number = numberIn(filter.text);
  return (
    <main
      id={hidden ? undefined : "main"}
      inert={hidden}
      aria-label={words.title}
      tabIndex={-1}
      className={cx("flex min-h-0 min-w-0 flex-1 flex-col outline-none", hidden && "invisible")}
    >
      <h1 className="sr-only">{words.title}</h1>
      <Tools
        filter={filter}
        settings={settings.data}
        summary={waiting || address !== null || models.length === 0 ? null : words.shown(models.length, catalogue.hasNextPage)}
        onFilter={change}
        onLeaveSearch={() => listRef.current?.focus()}
      />
      {number !== null && <OpenNumber key={number} number={number} />}
      {address !== null ? (
        <Find key={address} what={address} onFound={() => change({ text: "" })} />
      ) : catalogue.isError && models.length === 0 ? (
        <Failed error={catalogue.error} onRetry={() => void catalogue.refetch()} />
      ) : waiting ? (
        <SkeletonGrid />
      ) : models.length === 0 ? (
        <NothingFound above={above} onShow={() => change({ all: true })} />
      ) : (
        <Grid
          models={models}
          marksOf={marksOf}
          settings={settings.data}
          active={active}
          more={more}
          busy={catalogue.isFetchingNextPage}
          resetKey={JSON.stringify(search)}
          onMove={move}
          onOpen={open}
          onMore={onMore}
          listRef={listRef}
        />
      )}
      {models.length > 0 && address === null && (
        <div className="empty:hidden px-4 py-2 text-sm text-dim">
          {catalogue.isFetchNextPageError ? (
            <Notice
              tone="bad"
              action={
                <Button small onClick={onMore}>
                  {text.common.retry}
                </Button>
              }
            >
              <ErrorWords error={catalogue.error} />
            </Notice>
          ) : capped ? (
            words.enough(models.length)
          ) : null}
        </div>
      )}
      <footer className="flex flex-wrap items-center gap-x-4 gap-y-1 border-t border-line px-4 py-1.5 text-xs text-faint">
        <span className="min-w-0 flex-1">{words.asks(hostOf(info.data?.civitai_url), account.data?.signed_in === true)}</span>
        {above > 0 && models.length > 0 && (
          <span>
            {words.above(above)}.{" "}
            <button type="button" className="rounded text-accent underline underline-offset-2" onClick={() => change({ all: true })}>
              {words.showAbove}
            </button>
          </span>
        )}
      </footer>
    </main>
  );
}

function hostOf(url: string | undefined): string {
  return (url ?? "https://civitai.com").replace(/^https?:\/\//, "");
}

function NothingFound({ above, onShow }: { above: number; onShow: () => void }) {
  if (above === 0) return <StateMessage icon={SearchX} title={words.empty} hint={words.emptyHint} />;
  return (
    <StateMessage icon={EyeOff} title={words.emptyAbove} hint={words.above(above)}>
      <Button onClick={onShow}>{words.showAbove}</Button>
    </StateMessage>
  );
}
