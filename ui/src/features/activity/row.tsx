import { FolderInput, PencilLine, Trash2, Undo2 } from "lucide-react";
import type { LucideIcon } from "lucide-react";

import { useMutationCommand } from "../../api/client";
import { Changing } from "../../api/read-only";
import type { Activity } from "../../bindings/Activity";
import type { What } from "../../bindings/What";
import { announce } from "../../components/announce";
import { Button } from "../../components/button";
import { cx } from "../../components/cx";
import { PathLine } from "../../components/path-line";
import { ErrorWords } from "../../components/wire-error";
import { format, text } from "../../text";
import { visible } from "../../text/visible";

const words = text.activity;
const icons: Record<What, LucideIcon> = { rename: PencilLine, move: FolderInput, trash: Trash2 };

/** One thing that was done: what, to which, from where to where, and the way back. */
export function Row({ activity, now }: { activity: Activity; now: number }) {
  const undo = useMutationCommand("activity_undo");
  const { what, state, models, problem } = activity;
  const title = visible(activity.title);
  const Icon = icons[what];
  const word = words.state(state);
  const over = state === "undone" || state === "failed";
  return (
    <div className="flex items-start gap-3 px-4 py-3">
      <Icon aria-hidden size={16} className="mt-0.5 shrink-0 text-faint" />
      <div className="min-w-0 flex-1">
        <p className={cx("wrap-anywhere", over && "text-dim")}>
          <strong className="font-medium"><bdi>{title}</bdi></strong> {words.what(what)}
        </p>
        <p className="flex flex-wrap gap-x-1.5 text-sm text-dim">
          {word !== null && (
            <>
              <span className={cx("font-medium", state === "failed" ? "text-bad" : "text-text")}>{word}</span>
              <span aria-hidden>·</span>
            </>
          )}
          <span title={format.dayAndTime(activity.at)}>
            {words.when(activity.at, now)}, {words.by(activity.asked_by)}
          </span>
          <span aria-hidden>·</span>
          <span className="tabular-nums">{words.size(models, activity.bytes)}</span>
        </p>
        <dl className="mt-1 grid grid-cols-[auto_minmax(0,1fr)] gap-x-2 text-xs">
          <Where term={words.from} path={activity.from} models={models} />
          {activity.to === null ? <Where term={words.to} plain={words.trash} /> : <Where term={words.to} path={activity.to} models={models} />}
        </dl>
        {problem !== null && (
          <div className={cx("mt-2 rounded-lg px-3 py-2 text-sm wrap-anywhere", state === "failed" ? "bg-bad-wash" : "bg-warn-wash")}>
            {state === "done" && <span className="block font-medium">{words.notAll}</span>}
            <ErrorWords error={problem} />
          </div>
        )}
        {undo.isError && (
          <div role="alert" className="mt-2 rounded-lg bg-bad-wash px-3 py-2 text-sm wrap-anywhere">
            <span className="block font-medium">{words.notUndone}</span>
            <ErrorWords error={undo.error} />
          </div>
        )}
      </div>
      {(activity.can_undo || undo.isPending) && (
        <Changing>
          <Button
            small
            aria-label={words.undoOne(what, title)}
            aria-disabled={undo.isPending}
            onClick={() => {
              if (undo.isPending) return;
              undo.mutate({ id: activity.id }, { onSuccess: () => announce(words.undone(title)) });
            }}
          >
            <Undo2 aria-hidden size={13} />
            {undo.isPending ? words.undoing : words.undo}
          </Button>
        </Changing>
      )}
    </div>
  );
}

function Where({ term, path, plain, models = 1 }: { term: string; path?: string; plain?: string; models?: number }) {
  if (path === "") return null;
  return (
    <>
      <dt className="text-faint">
        {term}
        {path !== undefined && models > 1 && <span className="sr-only">, {words.firstOf(models)}</span>}
      </dt>
      <dd className="min-w-0">{path === undefined ? <span className="text-dim">{plain}</span> : <PathLine path={path} className="text-dim!" />}</dd>
    </>
  );
}
