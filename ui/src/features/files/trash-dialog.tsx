import { useMutationCommand } from "../../api/client";
import type { Activity } from "../../bindings/Activity";
import { Button } from "../../components/button";
import { Dialog } from "../../components/dialog";
import { Notice } from "../../components/state-message";
import { ErrorWords } from "../../components/wire-error";
import { text } from "../../text";
import { LeftOut } from "./left-out";
import { bytesOf, ids, mostFiles } from "./subject";
import type { Subject } from "./subject";

const words = text.fileActions;

export function TrashDialog({
  subjects,
  onDone,
  onClose,
}: {
  subjects: readonly Subject[];
  onDone: (activity: Activity) => void;
  onClose: () => void;
}) {
  const trash = useMutationCommand("files_trash");
  const here = subjects.filter((subject) => !subject.missing);
  const amount = here.length;
  const can = amount > 0 && amount <= mostFiles;
  return (
    <Dialog
      title={words.inTrash(amount || subjects.length, (here[0] ?? subjects[0])?.name ?? "")}
      body={amount === 0 ? words.noneHere : words.trashBody(amount, bytesOf(here))}
      onClose={onClose}
    >
      <LeftOut subjects={subjects} />
      {trash.isError && (
        <div className="mt-3">
          <Notice tone="bad">
            <ErrorWords error={trash.error} />
          </Notice>
        </div>
      )}
      <div className="mt-5 flex items-center justify-end gap-2">
        <p role="status" className="min-w-0 flex-1 text-sm text-dim">
          {trash.isPending && words.busy}
        </p>
        <Button onClick={onClose} autoFocus>
          {can ? text.common.cancel : text.common.close}
        </Button>
        {can && (
          <Button look="danger" disabled={trash.isPending} onClick={() => trash.mutate({ ids: ids(here) }, { onSuccess: onDone })}>
            {words.trashConfirm(amount)}
          </Button>
        )}
      </div>
    </Dialog>
  );
}
