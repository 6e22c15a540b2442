import { ArrowDownToLine } from "lucide-react";
import { useEffect, useRef, useState } from "react";

import { useCommand, useMutationCommand } from "../../api/client";
import type { DownloadPlan } from "../../bindings/DownloadPlan";
import { announce } from "../../components/announce";
import { Button } from "../../components/button";
import { ChangeButton } from "../../api/read-only";
import { Notice } from "../../components/state-message";
import { goTo } from "../../components/use-place";
import { ErrorWords } from "../../components/wire-error";
import { CommandError } from "../../platform";
import { text } from "../../text";
import { Plan } from "../downloads/plan";

const words = text.discover;

/** First what a download would do and where the file would lie; nothing is fetched before that was agreed to. */
export function Get({ version, file, size, here, underway }: { version: number; file: number; size: number; here: boolean; underway: boolean }) {
  const roots = useCommand("roots_list", {});
  const plan = useMutationCommand("download_plan");
  const add = useMutationCommand("download_add");
  const [shown, setShown] = useState<DownloadPlan | null>(null);
  const [queued, setQueued] = useState<string | null>(null);
  const button = useRef<HTMLButtonElement>(null);
  const place = useRef<HTMLDivElement>(null);
  const what = String(version);
  const isShown = shown !== null;
  useEffect(() => {
    if (isShown) place.current?.focus();
  }, [isShown]);

  const look = (root: number | null) => {
    add.reset();
    setQueued(null);
    plan.mutate({ what, file, root }, { onSuccess: setShown });
  };
  const close = () => {
    setShown(null);
    requestAnimationFrame(() => button.current?.focus());
  };
  const download = () => {
    if (shown === null) return;
    add.mutate(
      { what, file: shown.file, root: shown.root },
      {
        onSuccess: ({ download: { title } }) => {
          announce(words.queued(title));
          setQueued(title);
          close();
        },
      },
    );
  };
  const error = plan.error ?? add.error;
  const keyWanted = error instanceof CommandError && error.wire.code === "unauthorised";
  return (
    <div className="flex flex-col gap-2">
      {!isShown && (
        <ChangeButton ref={button} look={here || underway ? "plain" : "primary"} disabled={plan.isPending || underway} className="self-start" onClick={() => look(null)}>
          <ArrowDownToLine aria-hidden size={15} />
          {plan.isPending ? words.looking : here ? words.chooseAgain(size) : words.choose(size)}
        </ChangeButton>
      )}
      {queued !== null && (
        <Notice tone="calm">
          {words.queued(queued)}.{" "}
          <a href="#/downloads" className="rounded text-accent underline underline-offset-2">
            {words.toQueue}
          </a>
        </Notice>
      )}
      {error !== null && (
        <Notice
          tone="bad"
          action={
            keyWanted ? (
              <Button small onClick={() => goTo("settings/account")}>
                {words.signIn}
              </Button>
            ) : undefined
          }
        >
          <ErrorWords error={error} />
        </Notice>
      )}
      {isShown && (
        <div ref={place} tabIndex={-1} className="-mt-3 rounded-xl outline-none">
          <Plan plan={shown} roots={roots.data ?? []} busy={plan.isPending || add.isPending} onRoot={look} onDownload={download} onClose={close} />
        </div>
      )}
    </div>
  );
}
