import { Trash2 } from "lucide-react";
import { useState } from "react";

import { useMutationCommand } from "../../api/client";
import type { Duplicates } from "../../bindings/Duplicates";
import { ChangeButton } from "../../api/read-only";
import { cx } from "../../components/cx";
import { ConfirmDialog } from "../../components/dialog";
import { PathLine } from "../../components/path-line";
import { Notice } from "../../components/state-message";
import { ErrorWords } from "../../components/wire-error";
import { text } from "../../text";
import { useFileActions } from "../files/file-actions";
import { nameOf } from "../library/item";
import { goingOf, isSpread } from "./list";
import { Rows, Thumb, Title } from "./row";

const words = text.care;
type Group = Duplicates & { list: "duplicates" };

/** Copies, content by content: one is chosen to stay, the others can go. */
export function DuplicatesList({ groups, scroller }: { groups: readonly Group[]; scroller: HTMLElement | null }) {
  const [kept, setKept] = useState<ReadonlyMap<string, number>>(new Map());
  const [asked, setAsked] = useState<readonly Group[] | null>(null);
  const { mutateAsync, isPending, error, reset } = useMutationCommand("care_trash_copies");
  const actions = useFileActions();
  const keepOf = (group: Group) => {
    const chosen = kept.get(group.sha256);
    return chosen !== undefined && group.copies.some(({ item }) => item.id === chosen) ? chosen : group.keep;
  };
  const sum = (some: readonly Group[]) => {
    const going = some.map((group) => ({ group, copies: goingOf(group, keepOf(group)) })).filter(({ copies }) => copies.length > 0);
    return {
      amount: going.reduce((all, { copies }) => all + copies.length, 0),
      bytes: going.reduce((all, { group, copies }) => all + copies.length * group.size, 0),
      request: { groups: going.map(({ group, copies }) => ({ keep: keepOf(group), trash: copies.map(({ item }) => item.id) })) },
    };
  };
  const all = sum(groups);
  const question = asked === null ? null : sum(asked);
  return (
    <>
      {groups.length > 1 && all.amount > 0 && (
        <ChangeButton small className="self-start" disabled={isPending} onClick={() => setAsked(groups)}>
          <Trash2 aria-hidden size={13} />
          {words.trashAllCopies(all.amount, all.bytes)}
        </ChangeButton>
      )}
      {error !== null && (
        <Notice tone="bad">
          <ErrorWords error={error} />
        </Notice>
      )}
      <Rows
        findings={groups}
        scroller={scroller}
        usualHeight={140}
        row={(group) => (
          <Row
            group={group}
            keep={keepOf(group)}
            busy={isPending}
            onKeep={(id) => setKept(new Map(kept).set(group.sha256, id))}
            onTrash={() => setAsked([group])}
          />
        )}
      />
      {asked !== null && question !== null && (
        <ConfirmDialog
          title={words.copiesTitle(question.amount)}
          body={
            <>
              {words.copiesBody(question.amount, question.bytes, asked.length)}
              {asked.some(isSpread) && <span className="mt-2 block">{words.otherRoots}</span>}
            </>
          }
          confirm={words.toTrash(question.amount)}
          cancel={text.common.cancel}
          onClose={() => setAsked(null)}
          onConfirm={() => {
            reset();
            // Not a callback of this list: it goes with its last entry, and Undo must come all the same.
            mutateAsync(question.request).then(actions.done, () => undefined);
            setAsked(null);
          }}
        />
      )}
    </>
  );
}

function Row({ group, keep, busy, onKeep, onTrash }: { group: Group; keep: number; busy: boolean; onKeep: (id: number) => void; onTrash: () => void }) {
  const kept = group.copies.find(({ item }) => item.id === keep) ?? group.copies[0];
  if (!kept) return null;
  const name = nameOf(kept.item);
  const going = goingOf(group, keep);
  return (
    <div className="flex flex-col gap-2 px-4 py-3">
      <div className="flex items-start gap-3 phone:flex-wrap">
        <Thumb item={kept.item} />
        <div className="min-w-0 flex-1">
          <Title item={kept.item} />
          <p className="text-sm text-dim">{[text.kind(kept.item.kind), words.copies(group.copies.length, group.size)].join(" · ")}</p>
        </div>
        <div className="flex shrink-0 items-center gap-3 phone:w-full phone:justify-between phone:pl-14">
          <span className="text-sm font-medium tabular-nums">{words.frees(going.length * group.size)}</span>
          <ChangeButton small disabled={busy || going.length === 0} aria-label={words.trashOthersOf(going.length, name)} onClick={onTrash}>
            {words.trashOthers(going.length)}
          </ChangeButton>
        </div>
      </div>
      <fieldset className="ml-14 flex min-w-0 flex-col gap-0.5 phone:ml-0">
        <legend className="sr-only">{words.keepWhich(name)}</legend>
        {group.copies.map(({ item, held }) => {
          const stays = item.id === keep;
          return (
            <label key={item.id} className="-mx-2 flex min-w-0 items-center gap-2.5 rounded px-2 py-1 hover:bg-hover">
              <input type="radio" name={`keep-${group.sha256}`} checked={stays} onChange={() => onKeep(item.id)} className="size-3.5 shrink-0 accent-(--accent)" />
              <span className="min-w-0 flex-1">
                <PathLine path={item.path} className={stays ? "text-text!" : "text-dim!"} />
              </span>
              <span className={cx("shrink-0 text-xs", stays ? "font-medium text-good" : "text-dim")}>
                {stays ? words.keep : held === null ? words.goes : words.held(held)}
              </span>
            </label>
          );
        })}
      </fieldset>
    </div>
  );
}
