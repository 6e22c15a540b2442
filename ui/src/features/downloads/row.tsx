import { ArrowDown, ArrowUp, GripVertical, Pause, Play, RotateCcw, X } from "lucide-react";
import type { PointerEvent, ReactNode } from "react";

import type { DownloadActions } from "../../api/downloads";
import { Changing } from "../../api/read-only";
import type { Download } from "../../bindings/Download";
import type { Hours } from "../../bindings/Hours";
import { IconButton } from "../../components/button";
import { cx } from "../../components/cx";
import { PathLine } from "../../components/path-line";
import { ProgressBar } from "../../components/progress-bar";
import { useNow } from "../../components/use-now";
import { WithCode } from "../../components/wire-error";
import { text } from "../../text";
import { visible } from "../../text/visible";
import { StateDot } from "../library/cover";
import { Limit } from "./limit";
import { can, facts, fraction, isOver, said } from "./state";

const words = text.downloads;

/** A row's place among others, and the ways to another one. */
export interface Order {
  first: boolean;
  last: boolean;
  dragged: boolean;
  onMove: (step: -1 | 1) => void;
  onGrab: (event: PointerEvent) => void;
}

/** One download: what it is, how far, what is wrong, and what can be done. */
export function Row({
  download,
  hours,
  actions,
  onCancel,
  order = null,
}: {
  download: Download;
  hours: Hours | null;
  actions: DownloadActions;
  onCancel: () => void;
  /** `null` for what is alone in the queue, or not in it any more. */
  order?: Order | null;
}) {
  const now = useNow();
  const { wanted, kind, base_model, path, asked_by, state } = download;
  const title = visible(download.title);
  const part = wanted.of === "vault" ? words.part[wanted.part] : null;
  const told = said(download, now, hours);
  const figures = facts(download);
  const over = isOver(download);
  const from = [text.kind(kind), base_model, part, words.from[asked_by]].filter(Boolean).join(" · ");
  return (
    <div
      className="px-4 py-3"
      onKeyDown={(event) => {
        if (order === null || !event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
        event.preventDefault();
        order.onMove(event.key === "ArrowUp" ? -1 : 1);
      }}
    >
      <div className={cx("grid gap-x-3", order === null ? "grid-cols-[minmax(0,1fr)_auto]" : "grid-cols-[auto_minmax(0,1fr)_auto]")}>
        {order !== null && <Grip dragged={order.dragged} onGrab={order.onGrab} />}
        <p className="flex flex-wrap items-baseline gap-x-2">
          <span className="max-w-full truncate font-medium" title={title}>
            {title}
          </span>
          <span className="text-sm text-faint">{from}</span>
        </p>
        <div className="flex shrink-0 items-start gap-0.5">
          <Changing>
            {order !== null && (
              // Not `disabled` at the ends: the row moved there last has the focus on it.
              <>
                <IconButton small id={`up-${download.id}`} label={words.up(title)} aria-disabled={order.first} className="aria-disabled:opacity-40" onClick={() => order.onMove(-1)}>
                  <ArrowUp aria-hidden size={13} />
                </IconButton>
                <IconButton small id={`down-${download.id}`} label={words.down(title)} aria-disabled={order.last} className="aria-disabled:opacity-40" onClick={() => order.onMove(1)}>
                  <ArrowDown aria-hidden size={13} />
                </IconButton>
              </>
            )}
            {!over && <Limit download={download} onLimit={(limit) => actions.limit(download.id, limit)} />}
            {can.pause(download) && <Act label={words.pause(title)} icon={<Pause aria-hidden size={13} />} onClick={() => actions.pause([download.id])} />}
            {can.resume(download) && <Act label={words.resume(title)} icon={<Play aria-hidden size={13} />} onClick={() => actions.resume([download.id])} />}
            {can.retry(download) && <Act label={words.retry(title)} icon={<RotateCcw aria-hidden size={13} />} onClick={() => actions.retry([download.id])} />}
            {can.cancel(download) && <Act label={words.cancel(title)} icon={<X aria-hidden size={14} />} onClick={onCancel} />}
            {over && <Act label={words.remove(title)} icon={<X aria-hidden size={14} />} onClick={() => actions.clear([download.id])} />}
          </Changing>
        </div>
        <PathLine path={path} className="col-span-2" />
      </div>
      {!over && (
        <ProgressBar
          label={words.progressOf(title)}
          fraction={fraction(download)}
          words={[told.word, ...figures].join(", ")}
          held={state.state === "paused" || state.state === "queued"}
          className="mt-2 rounded-full"
        />
      )}
      <p className="mt-1.5 flex flex-wrap items-center gap-x-3 gap-y-0.5 text-sm text-dim tabular-nums">
        <span className="inline-flex items-center gap-2 font-medium text-text">
          <StateDot tone={told.tone} />
          {told.word}
        </span>
        {figures.map((fact, index) => (
          <span key={index}>{fact}</span>
        ))}
        {download.finished_at !== null && <span>{words.ended(download.finished_at, now)}</span>}
        {state.state === "done" && state.file !== null && (
          <a href={`#/library/${state.file}`} aria-label={words.showOne(title)} className="rounded text-accent underline underline-offset-2">
            {words.show}
          </a>
        )}
      </p>
      {told.problem !== null && (
        <p className="mt-1 text-sm wrap-anywhere">
          <WithCode>{told.problem.message}</WithCode>
          {told.problem.hint !== null && (
            <span className="block text-dim">
              <WithCode>{told.problem.hint}</WithCode>
            </span>
          )}
        </p>
      )}
      {told.hints.map((hint) => (
        <p key={hint} className="mt-0.5 text-sm text-dim">
          {hint}
        </p>
      ))}
    </div>
  );
}

/** For pointers alone: the buttons and Alt with an arrow do the same. */
function Grip({ dragged, onGrab }: { dragged: boolean; onGrab: (event: PointerEvent) => void }) {
  return (
    <span
      aria-hidden
      data-grip
      title={words.drag}
      onPointerDown={onGrab}
      className={cx("row-span-2 -mr-1.5 -ml-2 grid h-9 w-5 shrink-0 touch-none place-items-center rounded text-faint hover:text-text", dragged ? "cursor-grabbing" : "cursor-grab")}
    >
      <GripVertical size={15} />
    </span>
  );
}

function Act({ label, icon, onClick }: { label: string; icon: ReactNode; onClick: () => void }) {
  return (
    <IconButton small label={label} onClick={onClick}>
      {icon}
    </IconButton>
  );
}
