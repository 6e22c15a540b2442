import { CircleArrowUp, Copy, FileQuestionMark, FileWarning, FolderInput, ImageOff, ShieldAlert } from "lucide-react";
import type { LucideIcon } from "lucide-react";
import { useState } from "react";

import { useCareList, useCareSummary } from "../../api/care";
import type { CareCount } from "../../bindings/CareCount";
import type { CareList } from "../../bindings/CareList";
import type { CareSummary } from "../../bindings/CareSummary";
import { Button } from "../../components/button";
import { cx } from "../../components/cx";
import { LoadError } from "../../components/load-error";
import { Lead, Place } from "../../components/place";
import { Notice, StateMessage } from "../../components/state-message";
import { ErrorWords } from "../../components/wire-error";
import { text } from "../../text";
import { DamagedList } from "./damaged";
import { DuplicatesList } from "./duplicates";
import { allLists, firstPage, listOf, mostShown, only } from "./list";
import { MisplacedList } from "./misplaced";
import { MissingList } from "./missing";
import { OrphansList } from "./orphans";
import { UnsafeList } from "./unsafe";
import { CheckUpdates, UpdatesList } from "./updates";

const words = text.care;

const icons: Record<CareList, LucideIcon> = {
  duplicates: Copy,
  updates: CircleArrowUp,
  damaged: FileWarning,
  misplaced: FolderInput,
  unsafe: ShieldAlert,
  orphans: ImageOff,
  missing: FileQuestionMark,
};

/** What wants looking after: how much on each list, and the one that is looked at. */
export function CarePlace({ rest }: { rest: string }) {
  const summary = useCareSummary();
  const list = listOf(rest, summary.data);
  return (
    <Place title={words.title} lead={<Lead>{words.lead}</Lead>}>
      {(scroller) =>
        summary.data !== undefined ? (
          <>
            <Tiles counts={summary.data.lists} here={list} />
            <Section key={list} list={list} summary={summary.data} scroller={scroller} />
          </>
        ) : summary.isError ? (
          <LoadError error={summary.error} onRetry={() => void summary.refetch()} />
        ) : (
          <div role="status" aria-label={text.common.loading} className="flex flex-col gap-5">
            <div className={grid}>
              {allLists.map((each) => (
                <div key={each} className="h-15 animate-breathe rounded-xl bg-raised" />
              ))}
            </div>
            <Outlines />
          </div>
        )
      }
    </Place>
  );
}

const grid = "grid grid-cols-4 gap-2 max-[56rem]:grid-cols-3 phone:grid-cols-2";

function Tiles({ counts, here }: { counts: readonly CareCount[]; here: CareList }) {
  return (
    <nav aria-label={words.lists} className={grid}>
      {counts.map(({ list, count, bytes }) => {
        const Icon = icons[list];
        const current = list === here;
        const size = words.bytes(list, count, bytes);
        return (
          <a
            key={list}
            href={`#/care/${list}`}
            aria-current={current ? "true" : undefined}
            className={cx(
              "flex min-w-0 items-start gap-2.5 rounded-xl border px-3 py-2.5 transition-colors",
              current ? "border-accent bg-wash" : "border-line bg-panel hover:border-line2 hover:bg-hover",
            )}
          >
            <Icon aria-hidden size={16} className={cx("mt-0.5 shrink-0", current ? "text-accent" : "text-faint")} />
            <span className="min-w-0">
              <span className="block truncate font-medium">{words.list(list).name}</span>
              <span className="block truncate text-sm text-dim tabular-nums">
                {words.amount(count)}
                {size !== null && <span className={current ? undefined : "text-faint"}> · {size}</span>}
              </span>
            </span>
          </a>
        );
      })}
    </nav>
  );
}

function Section({ list, summary, scroller }: { list: CareList; summary: CareSummary; scroller: HTMLElement | null }) {
  const [shown, setShown] = useState(firstPage);
  const page = useCareList(list, shown);
  const { name, lead, empty, emptyHint } = words.list(list);
  const left = (page.data?.total ?? 0) - (page.data?.findings.length ?? 0);
  const nothing = summary.lists.every(({ count }) => count === 0);
  return (
    <section aria-label={name} className="flex flex-1 flex-col gap-3">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <div className="min-w-56 flex-1">
          <h2 className="font-semibold">{name}</h2>
          <p className="text-dim">{lead}</p>
        </div>
        {list === "updates" && <CheckUpdates checks={summary.updates} />}
      </div>
      {page.data === undefined ? (
        page.isError ? (
          <LoadError error={page.error} onRetry={() => void page.refetch()} />
        ) : (
          <div role="status" aria-label={text.common.loading}>
            <Outlines />
          </div>
        )
      ) : (
        <>
          {page.isError && (
            <Notice
              tone="bad"
              action={
                <Button small onClick={() => void page.refetch()}>
                  {text.common.retry}
                </Button>
              }
            >
              <ErrorWords error={page.error} />
            </Notice>
          )}
          {page.data.findings.length === 0 ? (
            <StateMessage icon={icons[list]} title={nothing && list === "duplicates" ? words.allGood : empty} hint={nothing && list === "duplicates" ? words.allGoodHint : emptyHint} />
          ) : (
            <Findings list={list} findings={page.data.findings} scroller={scroller} />
          )}
          {left > 0 && shown < mostShown && (
            <Button className="self-center" aria-disabled={page.isPlaceholderData} onClick={() => setShown(Math.min(mostShown, shown + 2 * firstPage))}>
              {words.more(left)}
            </Button>
          )}
          {left > 0 && shown >= mostShown && <p className="text-center text-sm text-dim">{words.first(page.data.findings.length)}</p>}
        </>
      )}
    </section>
  );
}

function Findings({ list, findings, scroller }: { list: CareList; findings: NonNullable<ReturnType<typeof useCareList>["data"]>["findings"]; scroller: HTMLElement | null }) {
  switch (list) {
    case "duplicates":
      return <DuplicatesList groups={only(list, findings)} scroller={scroller} />;
    case "updates":
      return <UpdatesList updates={only(list, findings)} scroller={scroller} />;
    case "damaged":
      return <DamagedList files={only(list, findings)} scroller={scroller} />;
    case "misplaced":
      return <MisplacedList files={only(list, findings)} scroller={scroller} />;
    case "unsafe":
      return <UnsafeList files={only(list, findings)} scroller={scroller} />;
    case "orphans":
      return <OrphansList files={only(list, findings)} scroller={scroller} />;
    case "missing":
      return <MissingList files={only(list, findings)} scroller={scroller} />;
  }
}

function Outlines() {
  return (
    <div className="flex flex-col gap-2">
      {[0, 1, 2].map((row) => (
        <div key={row} className="h-20 animate-breathe rounded-xl bg-raised" />
      ))}
    </div>
  );
}
