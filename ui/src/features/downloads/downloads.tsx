import { DownloadCloud } from "lucide-react";
import { useState } from "react";

import { useDownloadActions, useDownloads } from "../../api/downloads";
import { Changing } from "../../api/read-only";
import { useSettings } from "../../api/settings";
import type { Download } from "../../bindings/Download";
import { Button } from "../../components/button";
import { ConfirmDialog } from "../../components/dialog";
import { LoadError } from "../../components/load-error";
import { LongList } from "../../components/long-list";
import { Place } from "../../components/place";
import { Notice, StateMessage } from "../../components/state-message";
import { ErrorWords } from "../../components/wire-error";
import { text } from "../../text";
import { Add } from "./add";
import { ids, Queue } from "./queue";
import { plannedAt } from "./reference";
import { Row } from "./row";
import { splitUp, sum } from "./state";

const words = text.downloads;

export function DownloadsPlace({ rest = "" }: { rest?: string }) {
  const downloads = useDownloads();
  const settings = useSettings();
  const actions = useDownloadActions();
  const [cancelling, setCancelling] = useState<readonly Download[] | null>(null);
  const { queue, history } = splitUp(downloads.data ?? []);
  const hours = settings.data?.download_hours ?? null;

  const askCancel = (some: readonly Download[]) => {
    // Nothing is lost where nothing has arrived.
    if (some.length === 1 && some[0]?.received === 0) actions.cancel(ids(some));
    else setCancelling(some);
  };
  const all = sum(queue);
  const toRetry = history.filter((download) => download.state.state === "failed");

  return (
    <Place title={words.title} lead={queue.length > 0 && <p className="text-dim tabular-nums">{words.summary(queue.length, all.received, all.total, all.speed)}</p>}>
      {(scroller) => (
        <>
          <Changing>
            <Add asked={plannedAt(rest)} />
          </Changing>
          {actions.error !== null && (
            <Notice tone="bad">
              <ErrorWords error={actions.error} />
            </Notice>
          )}
          {downloads.data === undefined ? (
            downloads.isError ? (
              <LoadError error={downloads.error} onRetry={() => void downloads.refetch()} />
            ) : (
              <Skeleton />
            )
          ) : queue.length + history.length === 0 ? (
            <StateMessage icon={DownloadCloud} title={words.empty.title} hint={words.empty.hint} />
          ) : (
            <>
              {queue.length > 0 && <Queue queue={queue} scroller={scroller} hours={hours} actions={actions} onCancel={askCancel} />}
              {history.length > 0 && (
                <section aria-label={words.history}>
                  <div className="flex flex-wrap items-center gap-2 pb-2">
                    <h2 className="mr-auto font-semibold">{words.history}</h2>
                    <Changing>
                      {toRetry.length > 0 && (
                        <Button small onClick={() => actions.retry(ids(toRetry))}>
                          {words.retryAll}
                        </Button>
                      )}
                      <Button small look="quiet" title={words.clearHint} onClick={() => actions.clear(ids(history))}>
                        {words.clear}
                      </Button>
                    </Changing>
                  </div>
                  <LongList
                    items={history}
                    scroller={scroller}
                    usualHeight={84}
                    row={(download) => <Row download={download} hours={hours} actions={actions} onCancel={() => askCancel([download])} />}
                  />
                </section>
              )}
            </>
          )}
          {cancelling !== null && (
            <ConfirmDialog
              title={words.cancelTitle(cancelling.length, cancelling[0]?.title ?? "")}
              body={words.cancelBody(sum(cancelling).received)}
              confirm={words.cancelConfirm}
              cancel={words.keep}
              onClose={() => setCancelling(null)}
              onConfirm={() => {
                actions.cancel(ids(cancelling));
                setCancelling(null);
              }}
            />
          )}
        </>
      )}
    </Place>
  );
}

function Skeleton() {
  return (
    <div role="status" aria-label={text.common.loading} className="flex flex-col gap-2">
      {[0, 1, 2].map((row) => (
        <div key={row} className="h-20 animate-breathe rounded-xl bg-raised" />
      ))}
    </div>
  );
}
