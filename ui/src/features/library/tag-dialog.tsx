import { useState } from "react";

import type { MarksChange } from "../../bindings/MarksChange";
import { Button } from "../../components/button";
import { Dialog } from "../../components/dialog";
import { Notice } from "../../components/state-message";
import { TagField } from "../../components/tag-field";
import { ErrorWords } from "../../components/wire-error";
import { text } from "../../text";
import { tagWords, useTagsInUse } from "../marks/marks";

const words = text.selection;

/** Tags to put on many models, and tags to take off them. */
export function TagDialog({ amount, onChange, onClose }: { amount: number; onChange: (change: Partial<MarksChange>) => Promise<void>; onClose: () => void }) {
  const inUse = useTagsInUse();
  const [add, setAdd] = useState<readonly string[]>([]);
  const [remove, setRemove] = useState<readonly string[]>([]);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const field = (tags: readonly string[], set: (tags: readonly string[]) => void, label: string, autoFocus: boolean) => (
    <TagField
      tags={tags}
      inUse={inUse}
      words={{ ...tagWords, add: label }}
      autoFocus={autoFocus}
      inline
      onAdd={(tag) => {
        setError(null);
        if (!tags.some((there) => there.toLowerCase() === tag.toLowerCase())) set([...tags, tag]);
        return Promise.resolve(true);
      }}
      onRemove={(tag) => set(tags.filter((other) => other !== tag))}
    />
  );
  const save = () => {
    setBusy(true);
    setError(null);
    onChange({ add_tags: [...add], remove_tags: [...remove] }).then(onClose, (failure: unknown) => {
      setError(failure);
      setBusy(false);
    });
  };
  return (
    <Dialog title={words.tagTitle(amount)} body={words.tagBody} onClose={onClose}>
      <div className="mt-4 flex flex-col gap-4">
        <div role="group" aria-label={words.putOn}>
          <p className="mb-1 text-sm font-semibold text-faint">{words.putOn}</p>
          {field(add, setAdd, words.addTag, true)}
        </div>
        <div role="group" aria-label={words.takeOff}>
          <p className="mb-1 text-sm font-semibold text-faint">{words.takeOff}</p>
          {field(remove, setRemove, words.removeTag, false)}
        </div>
        {error !== null && (
          <Notice tone="bad">
            <ErrorWords error={error} />
          </Notice>
        )}
      </div>
      <div className="mt-5 flex items-center justify-end gap-2">
        <p role="status" className="min-w-0 flex-1 text-sm text-dim">
          {busy && words.busy}
        </p>
        <Button onClick={onClose}>{text.common.cancel}</Button>
        <Button look="primary" disabled={busy || add.length + remove.length === 0} onClick={save}>
          {words.tagConfirm}
        </Button>
      </div>
    </Dialog>
  );
}
