import { FolderInput } from "lucide-react";
import { useState } from "react";

import { useMutationCommand } from "../../api/client";
import type { Activity } from "../../bindings/Activity";
import type { Misplaced } from "../../bindings/Misplaced";
import { ChangeButton } from "../../api/read-only";
import { ConfirmDialog } from "../../components/dialog";
import { PathLine } from "../../components/path-line";
import { Notice } from "../../components/state-message";
import { ErrorWords } from "../../components/wire-error";
import { text } from "../../text";
import { useFileActions } from "../files/file-actions";
import { nameOf } from "../library/item";
import { FileRow, Rows } from "./row";

const words = text.care;
type Found = Misplaced & { list: "misplaced" };

export function MisplacedList({ files, scroller }: { files: readonly Found[]; scroller: HTMLElement | null }) {
  const [asked, setAsked] = useState(false);
  const { mutateAsync, isPending, error, reset } = useMutationCommand("files_move");
  const actions = useFileActions();
  const movable = files.filter(({ to }) => to !== null);
  const move = async (some: readonly Found[]) => {
    reset();
    let last: Activity | null = null;
    // One root after the other: each has its own right folder.
    for (const root of new Set(some.map(({ item }) => item.root_id))) {
      const ids = some.filter(({ item }) => item.root_id === root).map(({ item }) => item.id);
      last = await mutateAsync({ ids, root });
    }
    if (last !== null) actions.done(last);
  };
  // What failed is told by `error`.
  const start = (some: readonly Found[]) => void move(some).catch(() => undefined);
  return (
    <>
      {movable.length > 1 && (
        <ChangeButton small className="self-start" disabled={isPending} onClick={() => setAsked(true)}>
          <FolderInput aria-hidden size={13} />
          {words.moveAll(movable.length)}
        </ChangeButton>
      )}
      {error !== null && (
        <Notice tone="bad">
          <ErrorWords error={error} />
        </Notice>
      )}
      <Rows
        findings={files}
        scroller={scroller}
        usualHeight={120}
        row={(found) => (
          <FileRow
            item={found.item}
            said={words.kindIn(found.item.kind, found.folder_kind)}
            tone="warn"
            actions={
              found.to !== null && (
                <ChangeButton small disabled={isPending} aria-label={words.moveOne(nameOf(found.item))} onClick={() => start([found])}>
                  <FolderInput aria-hidden size={13} />
                  {words.move}
                </ChangeButton>
              )
            }
          >
            <PathLine path={found.item.path} />
            {found.to !== null && (
              <div className="mt-0.5 flex gap-2 text-xs">
                <span className="text-faint">{words.moveTo}</span>
                <PathLine path={found.to} className="text-dim!" />
              </div>
            )}
            {found.problem !== null && (
              <p className="mt-1 text-sm wrap-anywhere">
                <ErrorWords error={found.problem} />
              </p>
            )}
          </FileRow>
        )}
      />
      {asked && (
        <ConfirmDialog
          look="primary"
          title={words.moveTitle(movable.length)}
          body={words.moveBody(movable.reduce((sum, { item }) => sum + item.size, 0))}
          confirm={words.moveConfirm(movable.length)}
          cancel={text.common.cancel}
          onClose={() => setAsked(false)}
          onConfirm={() => {
            start(movable);
            setAsked(false);
          }}
        />
      )}
    </>
  );
}
