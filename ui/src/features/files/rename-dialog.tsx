import { useId, useState } from "react";

import { useMutationCommand } from "../../api/client";
import type { Activity } from "../../bindings/Activity";
import type { LibraryItem } from "../../bindings/LibraryItem";
import { Button } from "../../components/button";
import { Dialog } from "../../components/dialog";
import { Notice } from "../../components/state-message";
import { ErrorWords } from "../../components/wire-error";
import { text } from "../../text";

const words = text.fileActions;

/** A file's name in two: the ending stays whatever is typed. */
export function parted(fileName: string): { stem: string; ending: string } {
  const at = fileName.lastIndexOf(".");
  return at <= 0 ? { stem: fileName, ending: "" } : { stem: fileName.slice(0, at), ending: fileName.slice(at) };
}

export function RenameDialog({
  item,
  onDone,
  onClose,
}: {
  item: Pick<LibraryItem, "id" | "file_name">;
  onDone: (activity: Activity) => void;
  onClose: () => void;
}) {
  const id = useId();
  const rename = useMutationCommand("file_rename");
  const { stem, ending } = parted(item.file_name);
  const [name, setName] = useState(stem);
  const wanted = name.trim();
  const can = wanted !== "" && wanted !== stem && !rename.isPending;
  return (
    <Dialog title={words.renameTitle} body={words.renameBody} onClose={onClose}>
      <form
        className="mt-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (can) rename.mutate({ id: item.id, name: wanted }, { onSuccess: onDone });
        }}
      >
        <label htmlFor={id} className="font-medium">
          {words.name}
        </label>
        <div className="mt-1.5 flex items-center gap-1.5">
          <input
            id={id}
            type="text"
            autoFocus
            value={name}
            maxLength={250}
            readOnly={rename.isPending}
            aria-invalid={rename.isError}
            aria-describedby={`${id}-ending ${id}-error`}
            onFocus={(event) => event.target.select()}
            onChange={(event) => {
              setName(event.target.value);
              rename.reset();
            }}
            autoComplete="off"
            autoCapitalize="off"
            spellCheck={false}
            className="h-8 min-w-0 flex-1 rounded-lg border border-line2 bg-raised px-3 font-mono text-sm aria-invalid:border-bad"
          />
          <span id={`${id}-ending`} className="shrink-0 font-mono text-sm text-dim">
            {ending}
          </span>
        </div>
        <div id={`${id}-error`} className="mt-3 empty:hidden">
          {rename.isError && (
            <Notice tone="bad">
              <ErrorWords error={rename.error} />
            </Notice>
          )}
        </div>
        <div className="mt-5 flex justify-end gap-2">
          <Button onClick={onClose}>{text.common.cancel}</Button>
          <Button type="submit" look="primary" disabled={!can}>
            {words.renameConfirm}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
