import { CircleCheck } from "lucide-react";

import { useReadOnly } from "../../api/read-only";
import type { LinkSite } from "../../bindings/LinkSite";
import { Button } from "../../components/button";
import { cx } from "../../components/cx";
import { Lead, Place } from "../../components/place";
import { Notice, StateMessage } from "../../components/state-message";
import { goTo } from "../../components/use-place";
import { ErrorWords, WithCode } from "../../components/wire-error";
import { text } from "../../text";
import type { Filter } from "../library/filter";
import { useScan } from "../scan/use-scan";
import type { Need } from "./needs";
import { useNeeds } from "./use-needs";

const words = text.needs;

/** What waits for a person, each with the way to where something can be done about it. */
export function NeedsPlace({ onLibrary, onDecide }: { onLibrary: (filter: Partial<Filter>) => void; onDecide: (site: LinkSite) => void }) {
  const { needs, waiting, pending, error, retry } = useNeeds();
  const scan = useScan();
  const follow = ({ leads }: Need) => {
    if (leads.to === "place") goTo(leads.place);
    else if (leads.to === "library") onLibrary(leads.filter);
    else if (leads.to === "ask") onDecide(leads.site);
    else scan.start();
  };
  return (
    <Place narrow title={words.title} lead={needs.length > 0 && <Lead>{words.lead}</Lead>}>
      {error !== null && (
        <Notice
          tone="bad"
          action={
            <Button small onClick={retry}>
              {text.common.retry}
            </Button>
          }
        >
          <p className="text-sm text-dim">{words.partial}</p>
          <ErrorWords error={error} />
        </Notice>
      )}
      {needs.length > 0 ? (
        <List needs={needs} onFollow={follow} scanning={scan.running || scan.starting} />
      ) : pending && error === null ? (
        <div role="status" aria-label={text.common.loading} className="h-20 animate-breathe rounded-xl bg-raised" />
      ) : (
        error === null && <StateMessage icon={CircleCheck} title={words.empty.title} hint={words.empty.hint} />
      )}
      {waiting.length > 0 && (
        <section aria-label={words.waiting}>
          <h2 className="pb-2 font-semibold">{words.waiting}</h2>
          <List needs={waiting} onFollow={follow} scanning={false} />
        </section>
      )}
    </Place>
  );
}

const dots = { bad: "bg-bad", warn: "bg-warn", calm: "ring-[1.5px] ring-faint ring-inset" } as const;

function List({ needs, onFollow, scanning }: { needs: readonly Need[]; onFollow: (need: Need) => void; scanning: boolean }) {
  const readOnly = useReadOnly();
  return (
    <ul className="divide-y divide-line rounded-xl border border-line bg-panel">
      {needs.map((need) => (
        <li key={need.id} className="flex items-start gap-3 px-4 py-3">
          <span aria-hidden className="flex h-5 items-center">
            <i className={cx("size-1.75 rounded-full", dots[need.tone])} />
          </span>
          <div className="min-w-0 flex-1 wrap-anywhere">
            <p className="font-medium">{need.title}</p>
            {need.hint !== null && (
              <p className="text-sm text-dim">
                <WithCode>{need.hint}</WithCode>
              </p>
            )}
          </div>
          {!(readOnly && need.leads.to === "scan") && (
            <Button small aria-label={`${need.label}: ${need.title}`} disabled={need.leads.to === "scan" && scanning} onClick={() => onFollow(need)}>
              {need.label}
            </Button>
          )}
        </li>
      ))}
    </ul>
  );
}
