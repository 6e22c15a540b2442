import { ArrowDownToLine, RefreshCw } from "lucide-react";
import { useState } from "react";

import { useMutationCommand } from "../../api/client";
import { useSettings } from "../../api/settings";
import type { Update } from "../../bindings/Update";
import type { UpdateChecks } from "../../bindings/UpdateChecks";
import { announce } from "../../components/announce";
import { ChangeButton } from "../../api/read-only";
import { ConfirmDialog } from "../../components/dialog";
import { Notice } from "../../components/state-message";
import { useNow } from "../../components/use-now";
import { ErrorWords } from "../../components/wire-error";
import { format, text } from "../../text";
import { visible } from "../../text/visible";
import { StateDot } from "../library/cover";
import { nameOf } from "../library/item";
import { FileRow, QueueOutcome, Rows, useDownloadsOf } from "./row";

const words = text.care;
type Found = Update & { list: "updates" };

/** When Civitai was asked, and the way to ask it now. */
export function CheckUpdates({ checks }: { checks: UpdateChecks }) {
  const now = useNow();
  const settings = useSettings();
  const check = useMutationCommand("care_check_updates");
  const off = settings.data?.look_up === false;
  return (
    <>
      <div className="flex items-center gap-3">
        <span className="text-sm text-dim tabular-nums">{words.checked(checks, now)}</span>
        <ChangeButton
          small
          disabled={off || checks.models === 0}
          aria-disabled={check.isPending}
          title={off ? text.inspector.lookUpOff : undefined}
          onClick={() => {
            if (check.isPending) return;
            check.mutate({}, { onSuccess: ({ lists }) => announce(words.checkedNow(lists.find(({ list }) => list === "updates")?.count ?? 0)) });
          }}
        >
          <RefreshCw aria-hidden size={12} />
          {check.isPending ? words.checking : words.check}
        </ChangeButton>
      </div>
      {check.isError && (
        <div className="w-full">
          <Notice tone="bad">
            <ErrorWords error={check.error} />
          </Notice>
        </div>
      )}
    </>
  );
}

/** Newer versions: those for the same base model first, the others apart. */
export function UpdatesList({ updates, scroller }: { updates: readonly Found[]; scroller: HTMLElement | null }) {
  const now = useNow();
  const [asked, setAsked] = useState(false);
  const { bring, state, pending } = useDownloadsOf();
  const same = updates.filter((update) => update.same_base);
  const others = updates.filter((update) => !update.same_base);
  const wanted = same.filter((update) => !update.early_access && update.underway === null);
  const bytes = wanted.reduce((sum, { size }) => sum + size, 0);
  const request = (update: Found) => ({ what: String(update.version_id) });
  const list = (some: readonly Found[]) => (
    <Rows findings={some} scroller={scroller} usualHeight={84} row={(update) => <Row update={update} now={now} busy={pending} onDownload={() => bring([request(update)])} />} />
  );
  return (
    <>
      {wanted.length > 1 && (
        <ChangeButton small className="self-start" disabled={pending} onClick={() => setAsked(true)}>
          <ArrowDownToLine aria-hidden size={13} />
          {words.downloadAll(wanted.length, bytes)}
        </ChangeButton>
      )}
      <QueueOutcome state={state} pending={pending} />
      {same.length > 0 && (
        <section aria-label={words.sameBase}>
          {others.length > 0 && <h3 className="pb-2 text-sm font-semibold text-dim">{words.sameBase}</h3>}
          {list(same)}
        </section>
      )}
      {others.length > 0 && (
        <section aria-label={words.otherBase}>
          <h3 className="pt-2 text-sm font-semibold text-dim">{words.otherBase}</h3>
          <p className="pb-2 text-sm text-faint">{words.otherBaseHint}</p>
          {list(others)}
        </section>
      )}
      {asked && (
        <ConfirmDialog
          look="primary"
          title={words.downloadAllTitle(wanted.length)}
          body={words.downloadAllBody(bytes)}
          confirm={words.download}
          cancel={text.common.cancel}
          onClose={() => setAsked(false)}
          onConfirm={() => {
            bring(wanted.map(request));
            setAsked(false);
          }}
        />
      )}
    </>
  );
}

function Row({ update, now, busy, onDownload }: { update: Found; now: number; busy: boolean; onDownload: () => void }) {
  const { item } = update;
  const title = [nameOf(item), visible(update.version_name)].filter(Boolean).join(" ");
  const about = [text.kind(item.kind), update.base_model ?? words.anyBase, format.bytes(update.size), words.newer(update.newer)].filter(Boolean).join(" · ");
  return (
    <FileRow
      item={{ ...item, version_name: update.version_name }}
      about={about}
      said={
        <>
          {words.after(item.version_name === null ? null : visible(item.version_name), update.published_at, now)}
          {!update.same_base && item.base_model !== null && `, for ${item.base_model}`}
          {update.early_access && <span className="block text-warn">{words.early}</span>}
        </>
      }
      actions={
        update.underway === null ? (
          <ChangeButton small disabled={busy} aria-label={words.downloadOne(title)} onClick={onDownload}>
            <ArrowDownToLine aria-hidden size={13} />
            {words.download}
          </ChangeButton>
        ) : (
          <a href="#/downloads" className="inline-flex h-7 items-center gap-2 rounded text-sm text-dim">
            <StateDot tone="probable" />
            {words.onItsWay}
          </a>
        )
      }
    />
  );
}
