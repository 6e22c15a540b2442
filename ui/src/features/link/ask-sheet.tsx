/**
 * What a site asks to be allowed. It comes by itself, so the keyboard is on none of its buttons: a key that was meant for
 * the page below decides nothing.
 */
import { X } from "lucide-react";

import { useAnswer } from "../../api/link";
import { ChangeButton, useReadOnly } from "../../api/read-only";
import type { LinkAsk } from "../../bindings/LinkAsk";
import type { LinkWord } from "../../bindings/LinkWord";
import { announce } from "../../components/announce";
import { IconButton } from "../../components/button";
import { Dialog } from "../../components/dialog";
import { Notice } from "../../components/state-message";
import { useNow } from "../../components/use-now";
import { ErrorWords } from "../../components/wire-error";
import { text } from "../../text";
import { visible } from "../../text/visible";

const words = text.link.ask;

export function AskSheet({ ask, others, onClose }: { ask: LinkAsk; others: number; onClose: () => void }) {
  const now = useNow();
  const readOnly = useReadOnly();
  const { answer, isPending, error } = useAnswer();
  const say = (word: LinkWord) => {
    if (!isPending) answer(ask, word, () => announce(words.answered[word]));
  };
  return (
    <Dialog unasked title={words.title(ask.site, visible(ask.title))} body={words.body(ask.copies, ask.bytes)} onClose={onClose}>
      <IconButton small label={readOnly ? text.common.close : words.later} className="absolute top-4 right-4" onClick={onClose}>
        <X aria-hidden size={14} />
      </IconButton>
      <p className="mt-2 text-sm text-dim">
        {words.asked(ask.asked_at, now)} {others > 0 && words.more(others)}
      </p>
      <p className="mt-2 text-sm text-dim">{readOnly ? words.readOnly : `${words.sessionHint} ${words.laterHint}`}</p>
      {error !== null && (
        <div className="mt-3">
          <Notice tone="bad">
            <ErrorWords error={error} />
          </Notice>
        </div>
      )}
      <p role="status" className="text-sm text-dim not-empty:mt-3">
        {isPending && words.answering}
      </p>
      <div className="flex flex-wrap justify-end gap-2 not-empty:mt-5">
        <ChangeButton aria-disabled={isPending} onClick={() => say("deny")}>
          {words.deny}
        </ChangeButton>
        <ChangeButton aria-disabled={isPending} onClick={() => say("session")}>
          {words.session}
        </ChangeButton>
        <ChangeButton look="danger" aria-disabled={isPending} onClick={() => say("once")}>
          {words.once}
        </ChangeButton>
      </div>
    </Dialog>
  );
}
