import { Undo2 } from "lucide-react";
import { useCallback, useEffect, useState } from "react";

import { useMutationCommand } from "../../api/client";
import type { Activity } from "../../bindings/Activity";
import { announce } from "../../components/announce";
import { Button } from "../../components/button";
import { Toast } from "../../components/toast";
import { ErrorWords } from "../../components/wire-error";
import { text } from "../../text";
import { visible } from "../../text/visible";

const words = text.fileActions;
const offeredFor = 15_000;
const toldFor = 5_000;

const isWriting = (target: EventTarget | null) =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

/** Says what was done and offers to undo it. What did not go well stays until it is closed. */
export function UndoToast({ activity, onClose }: { activity: Activity; onClose: () => void }) {
  const { mutate, isPending, isSuccess, error } = useMutationCommand("activity_undo");
  const [shownFor, setShownFor] = useState<number | null>(activity.problem === null ? offeredFor : null);
  const said = words.done(activity.what, activity.models, visible(activity.title));
  const offered = activity.can_undo && !isPending && !isSuccess;

  useEffect(() => announce(activity.can_undo ? `${said}. ${words.undoHint}` : said), [said, activity.can_undo]);

  const undo = useCallback(() => {
    setShownFor(null);
    mutate(
      { id: activity.id },
      {
        onSuccess: () => {
          announce(words.undone(said));
          setShownFor(toldFor);
        },
      },
    );
  }, [mutate, activity.id, said]);

  useEffect(() => {
    if (!offered) return;
    const listen = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "z" || event.shiftKey || event.altKey || !(event.ctrlKey || event.metaKey) || isWriting(event.target)) return;
      event.preventDefault();
      undo();
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, [offered, undo]);

  return (
    <Toast label={words.toast} close={text.common.close} duration={shownFor} onClose={onClose}>
      <span className="min-w-0 flex-1 basis-40">
        {isPending ? words.undoing : isSuccess ? words.undone(said) : said}
        {activity.problem !== null && !isSuccess && (
          <span className="mt-1 block text-sm">
            <span className="block text-warn">{words.notAll}</span>
            <ErrorWords error={activity.problem} />
          </span>
        )}
        {error !== null && (
          <span role="alert" className="mt-1 block text-sm">
            <span className="block text-bad">{words.notUndone}</span>
            <ErrorWords error={error} />
          </span>
        )}
      </span>
      {offered && (
        <Button small title={words.undoHint} onClick={undo}>
          <Undo2 aria-hidden size={13} />
          {words.undo}
        </Button>
      )}
    </Toast>
  );
}
