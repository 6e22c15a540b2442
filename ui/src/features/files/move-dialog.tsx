import { useId, useState } from "react";

import { useCommand, useMutationCommand } from "../../api/client";
import type { Activity } from "../../bindings/Activity";
import { Button } from "../../components/button";
import { Dialog } from "../../components/dialog";
import { Notice } from "../../components/state-message";
import { ErrorWords } from "../../components/wire-error";
import { text } from "../../text";
import { RootSelect } from "../downloads/root-select";
import { LeftOut } from "./left-out";
import { bytesOf, ids, mostFiles } from "./subject";
import type { Subject } from "./subject";

const words = text.fileActions;

/** To which root, and which folder in it. */
export function MoveDialog({
  subjects,
  onDone,
  onClose,
}: {
  subjects: readonly Subject[];
  onDone: (activity: Activity) => void;
  onClose: () => void;
}) {
  const id = useId();
  const move = useMutationCommand("files_move");
  const roots = useCommand("roots_list", {});
  const here = subjects.filter((subject) => !subject.missing);
  const takes = (roots.data ?? []).filter((root) => root.online && root.layout !== "invoke_ai");
  const [chosen, setRoot] = useState<number | null>(null);
  const [folder, setFolder] = useState("");
  const root = chosen ?? takes.find((each) => each.id === here[0]?.root)?.id ?? takes[0]?.id ?? null;
  const can = here.length > 0 && here.length <= mostFiles;
  const submit = () => {
    if (root === null || !can || move.isPending) return;
    const inside = folder.trim();
    move.mutate({ ids: ids(here), root, ...(inside === "" ? {} : { folder: inside }) }, { onSuccess: onDone });
  };
  return (
    <Dialog
      title={words.moveTitle(here.length || subjects.length, (here[0] ?? subjects[0])?.name ?? "")}
      body={here.length === 0 ? words.noneHere : words.moveBody(here.length, bytesOf(here))}
      onClose={onClose}
    >
      <LeftOut subjects={subjects} />
      <form
        className="mt-4"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        {can && (
          <div className="grid grid-cols-[auto_minmax(0,1fr)] items-center gap-x-4 gap-y-2.5 phone:grid-cols-1 phone:gap-y-1">
            <label htmlFor={`${id}-root`} className="font-medium">
              {words.root}
            </label>
            <RootSelect
              id={`${id}-root`}
              roots={roots.data ?? []}
              value={root}
              onChange={(next) => {
                setRoot(next);
                move.reset();
              }}
            />
            <label htmlFor={`${id}-folder`} className="font-medium">
              {words.folder}
            </label>
            <input
              id={`${id}-folder`}
              type="text"
              value={folder}
              placeholder={words.folderPlaceholder}
              maxLength={1000}
              aria-invalid={move.isError}
              aria-describedby={`${id}-hint ${id}-error`}
              onChange={(event) => {
                setFolder(event.target.value);
                move.reset();
              }}
              autoComplete="off"
              autoCapitalize="off"
              spellCheck={false}
              className="h-8 w-full rounded-lg border border-line2 bg-raised px-3 font-mono text-sm aria-invalid:border-bad"
            />
            <p id={`${id}-hint`} className="col-start-2 text-sm text-dim phone:col-start-1">
              {words.folderHint}
            </p>
          </div>
        )}
        <div id={`${id}-error`} className="mt-3 empty:hidden">
          {move.isError && (
            <Notice tone="bad">
              <ErrorWords error={move.error} />
            </Notice>
          )}
        </div>
        <div className="mt-5 flex items-center justify-end gap-2">
          <p role="status" className="min-w-0 flex-1 text-sm text-dim">
            {move.isPending && words.busy}
          </p>
          <Button onClick={onClose}>{can ? text.common.cancel : text.common.close}</Button>
          {can && (
            <Button type="submit" look="primary" disabled={root === null || move.isPending}>
              {words.moveConfirm(here.length)}
            </Button>
          )}
        </div>
      </form>
    </Dialog>
  );
}
