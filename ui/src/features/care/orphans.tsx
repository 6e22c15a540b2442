import { FileText, Image, Trash2 } from "lucide-react";
import { useState } from "react";

import { useMutationCommand } from "../../api/client";
import type { LeftBehind } from "../../bindings/LeftBehind";
import { ChangeButton } from "../../api/read-only";
import { ConfirmDialog } from "../../components/dialog";
import { PathLine } from "../../components/path-line";
import { Notice } from "../../components/state-message";
import { ErrorWords } from "../../components/wire-error";
import { format, text } from "../../text";
import { visible } from "../../text/visible";
import { useFileActions } from "../files/file-actions";
import { Rows } from "./row";

const words = text.care;
type Found = LeftBehind & { list: "orphans" };

const fileName = (path: string) => visible(path.split(/[/\\]/).pop() ?? path);
const bytesOf = (files: readonly Found[]) => files.reduce((sum, { size }) => sum + size, 0);

export function OrphansList({ files, scroller }: { files: readonly Found[]; scroller: HTMLElement | null }) {
  const [asked, setAsked] = useState<readonly Found[] | null>(null);
  const { mutateAsync, isPending, error, reset } = useMutationCommand("care_trash_orphans");
  const actions = useFileActions();
  return (
    <>
      {files.length > 1 && (
        <ChangeButton small className="self-start" disabled={isPending} onClick={() => setAsked(files)}>
          <Trash2 aria-hidden size={13} />
          {words.trashFiles(files.length, bytesOf(files))}
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
        usualHeight={60}
        row={(found) => {
          const Icon = found.kind === "preview" ? Image : FileText;
          return (
            <div className="flex items-center gap-3 px-4 py-2.5 phone:flex-wrap">
              <Icon aria-hidden size={16} className="shrink-0 text-faint" />
              <div className="min-w-0 flex-1">
                <PathLine path={found.path} className="text-dim!" />
                <p className="text-sm text-dim">{[words.sidecar(found.kind), words.proof(found.proof), format.bytes(found.size)].join(" · ")}</p>
              </div>
              <ChangeButton small disabled={isPending} aria-label={words.trashOne(fileName(found.path))} onClick={() => setAsked([found])}>
                {words.trash}
              </ChangeButton>
            </div>
          );
        }}
      />
      {asked !== null && (
        <ConfirmDialog
          title={words.filesTitle(asked.length, fileName(asked[0]?.path ?? ""))}
          body={words.filesBody(bytesOf(asked))}
          confirm={words.toTrash(asked.length)}
          cancel={text.common.cancel}
          onClose={() => setAsked(null)}
          onConfirm={() => {
            reset();
            // Not a callback of this list: it goes with its last entry, and Undo must come all the same.
            mutateAsync({ ids: asked.map(({ id }) => id) }).then(actions.done, () => undefined);
            setAsked(null);
          }}
        />
      )}
    </>
  );
}
