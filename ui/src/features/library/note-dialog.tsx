import { useId, useState } from "react";

import type { MarksChange } from "../../bindings/MarksChange";
import { Button } from "../../components/button";
import { Dialog } from "../../components/dialog";
import { Notice } from "../../components/state-message";
import { ErrorWords } from "../../components/wire-error";
import { text } from "../../text";

const words = text.selection;

/** Words for the notes of many models. Added, not put in their place: what is noted already survives everything. */
export function NoteDialog({ amount, onChange, onClose }: { amount: number; onChange: (change: Partial<MarksChange>) => Promise<void>; onClose: () => void }) {
  const id = useId();
  const [note, setNote] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const save = () => {
    setBusy(true);
    setError(null);
    onChange({ add_note: note }).then(onClose, (failure: unknown) => {
      setError(failure);
      setBusy(false);
    });
  };
  return (
    <Dialog title={words.noteTitle(amount)} body={words.noteBody} onClose={onClose}>
      <label htmlFor={id} className="mt-4 mb-1 block text-sm font-semibold text-faint">
        {words.noteLabel}
      </label>
      <textarea
        id={id}
        autoFocus
        rows={4}
        value={note}
        onChange={(event) => {
          setError(null);
          setNote(event.target.value);
        }}
        className="w-full resize-y rounded-lg border border-line bg-raised px-2.5 py-1.5"
      />
      {error !== null && (
        <div className="mt-3">
          <Notice tone="bad">
            <ErrorWords error={error} />
          </Notice>
        </div>
      )}
      <div className="mt-5 flex items-center justify-end gap-2">
        <p role="status" className="min-w-0 flex-1 text-sm text-dim">
          {busy && words.busy}
        </p>
        <Button onClick={onClose}>{text.common.cancel}</Button>
        <Button look="primary" disabled={busy || note.trim() === ""} onClick={save}>
          {words.noteConfirm}
        </Button>
      </div>
    </Dialog>
  );
}
