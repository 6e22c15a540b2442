import { Link2, Unlink } from "lucide-react";
import { useEffect, useId, useRef, useState } from "react";

import { useMutationCommand } from "../../api/client";
import type { LibraryItem } from "../../bindings/LibraryItem";
import { announce } from "../../components/announce";
import { Button } from "../../components/button";
import { Dialog } from "../../components/dialog";
import { Notice } from "../../components/state-message";
import { ErrorWords } from "../../components/wire-error";
import { text } from "../../text";
import { visible } from "../../text/visible";
import { nameOf } from "../library/item";

/** A file that is away cannot be read, and one that cannot be read has no content to keep a link with. */
export function canLink(item: LibraryItem): boolean {
  return item.provenance === "measured" || (!item.missing && item.state !== "failed");
}

/** Says what a file is, where Civitai does not know it; and takes that back. */
export function LinkActions({ item, lookUp, onError }: { item: LibraryItem; lookUp: boolean; onError: (error: unknown) => void }) {
  const words = text.inspector.linking;
  const unlink = useMutationCommand("item_unlink");
  const [asking, setAsking] = useState<number | null>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const linked = item.matched_by === "link";
  const removing = unlink.isPending && unlink.variables.id === item.id;

  const remove = () => {
    void unlink.mutateAsync({ id: item.id }).then(() => {
      announce(words.removed);
      // The button that was pressed goes away with the link.
      opener.current?.focus();
    }, onError);
  };

  return (
    <>
      {canLink(item) && (
        <Button
          ref={opener}
          small
          className="px-2!"
          look={item.state === "not_found" ? "plain" : "quiet"}
          disabled={!lookUp || removing}
          title={lookUp ? undefined : text.inspector.lookUpOff}
          onClick={() => setAsking(item.id)}
        >
          <Link2 aria-hidden size={14} />
          {linked ? words.change : words.open}
        </Button>
      )}
      {linked && (
        <Button small className="px-2!" look="quiet" disabled={removing} onClick={remove}>
          <Unlink aria-hidden size={13} />
          {removing ? words.removing : words.remove}
        </Button>
      )}
      {asking === item.id && <LinkDialog item={item} onClose={() => setAsking(null)} onLate={onError} />}
    </>
  );
}

function LinkDialog({
  item,
  onClose,
  onLate,
}: {
  item: LibraryItem;
  onClose: () => void;
  /** What failed after the dialog was closed. */
  onLate: (error: unknown) => void;
}) {
  const words = text.inspector.linking;
  const link = useMutationCommand("item_link");
  const [reference, setReference] = useState("");
  const id = useId();
  const shown = useRef(true);
  useEffect(() => {
    shown.current = true;
    return () => {
      shown.current = false;
    };
  }, []);

  const submit = () => {
    const said = reference.trim();
    if (said === "" || link.isPending) return;
    // Also told when the dialog was closed meanwhile.
    void link.mutateAsync({ id: item.id, reference: said }).then(
      (found) => {
        announce(words.linked([nameOf(found), found.version_name].filter(Boolean).join(" ")));
        if (shown.current) onClose();
      },
      (error: unknown) => {
        if (!shown.current) onLate(error);
      },
    );
  };

  return (
    <Dialog title={words.title} body={words.body(visible(item.file_name))} onClose={onClose}>
      <form
        className="mt-4"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <label htmlFor={id} className="font-medium">
          {words.field}
        </label>
        <input
          id={id}
          type="text"
          autoFocus
          value={reference}
          readOnly={link.isPending}
          placeholder={words.placeholder}
          aria-describedby={link.isError ? `${id}-hint ${id}-error` : `${id}-hint`}
          aria-invalid={link.isError}
          onChange={(event) => {
            setReference(event.target.value);
            if (link.isError) link.reset();
          }}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          className="mt-1.5 h-8 w-full rounded-lg border border-line2 bg-raised px-3 font-mono text-sm read-only:text-dim aria-invalid:border-bad"
        />
        <p id={`${id}-hint`} className="mt-1.5 text-sm text-dim">
          {words.hint}
        </p>
        {link.isError && (
          <div id={`${id}-error`} className="mt-3">
            <Notice tone="bad">
              <ErrorWords error={link.error} />
            </Notice>
          </div>
        )}
        <div className="mt-5 flex items-center justify-end gap-2">
          <p role="status" className="min-w-0 flex-1 text-sm text-dim">
            {link.isPending && words.busy}
          </p>
          <Button onClick={onClose}>{text.common.cancel}</Button>
          <Button type="submit" look="primary" disabled={reference.trim() === "" || link.isPending}>
            {words.confirm}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
