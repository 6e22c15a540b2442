import { useEffect, useId, useState } from "react";

import { useNoteDraft } from "../../api/note-drafts";
import { useReadOnly } from "../../api/read-only";
import { announce } from "../../components/announce";
import { Button } from "../../components/button";
import { Notice } from "../../components/state-message";
import { ErrorWords } from "../../components/wire-error";
import { text } from "../../text";

const words = text.marks;
const shownFor = 4000;

/** The user's note. Another model may be looked at while it is being saved; what was typed is kept until it is. */
export function Note({ id, note }: { id: number; note: string | null }) {
  const field = useId();
  const readOnly = useReadOnly();
  const { drafts, draft } = useNoteDraft(id);
  const [saved, setSaved] = useState(false);
  useEffect(() => {
    if (!saved) return;
    const timer = setTimeout(() => setSaved(false), shownFor);
    return () => clearTimeout(timer);
  }, [saved]);
  // The field may go while it is being written in: by a click on another model, by Esc, by leaving the place.
  useEffect(() => () => void drafts.save(id), [drafts, id]);

  const save = () => {
    void drafts.save(id).then((done) => {
      if (!done) return;
      setSaved(true);
      announce(words.saved);
    });
  };
  if (readOnly && (note ?? "") === "") return null;
  const failed = draft?.error != null;
  const state = draft === null ? (saved ? words.saved : "") : draft.saving ? words.saving : failed ? "" : words.unsaved;
  return (
    <div>
      <div className="flex items-baseline justify-between gap-2">
        <label htmlFor={field} className="text-sm font-semibold text-faint">
          {words.note}
        </label>
        <span className="text-sm text-dim">{state}</span>
      </div>
      <textarea
        id={field}
        value={draft?.words ?? note ?? ""}
        readOnly={readOnly}
        disabled={note === null && draft === null}
        placeholder={words.notePlaceholder}
        title={words.noteHint}
        rows={2}
        aria-invalid={failed}
        aria-describedby={failed ? `${field}-error` : undefined}
        onChange={(event) => {
          setSaved(false);
          drafts.write(id, event.target.value);
        }}
        onBlur={save}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
            event.preventDefault();
            save();
          }
        }}
        className="mt-1 field-sizing-content max-h-48 min-h-13 w-full resize-none rounded-lg border border-line bg-raised px-2.5 py-1.5 text-sm aria-invalid:border-bad"
      />
      {failed && !draft.saving && (
        <div id={`${field}-error`} className="mt-1">
          <Notice
            tone="bad"
            action={
              <Button small onClick={save}>
                {text.common.retry}
              </Button>
            }
          >
            <ErrorWords error={draft.error} />
            <span className="block text-dim">{words.notSavedHint}</span>
          </Notice>
        </div>
      )}
    </div>
  );
}
