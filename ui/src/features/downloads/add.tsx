import { useEffect, useRef, useState } from "react";

import { useCommand, useMutationCommand } from "../../api/client";
import type { DownloadPlan } from "../../bindings/DownloadPlan";
import type { DownloadRequest } from "../../bindings/DownloadRequest";
import { announce } from "../../components/announce";
import { Button } from "../../components/button";
import { Notice } from "../../components/state-message";
import { goTo } from "../../components/use-place";
import { ErrorWords } from "../../components/wire-error";
import { CommandError } from "../../platform";
import { text } from "../../text";
import { visible } from "../../text/visible";
import { Plan } from "./plan";

const words = text.downloads.add;

/** A link, number or AIR becomes a plan; the plan becomes a download. Nothing is fetched before "Download". */
export function Add({ asked }: { /** What to look up at once: it came with the address. */ asked: string | null }) {
  const roots = useCommand("roots_list", {});
  const plan = useMutationCommand("download_plan");
  const add = useMutationCommand("download_add");
  const field = useRef<HTMLInputElement>(null);
  const [what, setWhat] = useState("");
  const [shown, setShown] = useState<{ request: DownloadRequest; plan: DownloadPlan } | null>(null);
  const [taken, setTaken] = useState<string | null>(null);
  if (asked !== taken) {
    setTaken(asked);
    if (asked !== null) {
      setWhat(asked);
      setShown(null);
    }
  }

  const look = (request: DownloadRequest) => {
    add.reset();
    plan.mutate(request, { onSuccess: (answer) => setShown({ request, plan: answer }) });
  };
  const { mutate } = plan;
  useEffect(() => {
    if (asked === null) return;
    mutate({ what: asked }, { onSuccess: (answer) => setShown({ request: { what: asked }, plan: answer }) });
    field.current?.focus();
  }, [asked, mutate]);
  const ask = (typed: string) => {
    if (typed.trim() === "") return;
    setShown(null);
    look({ what: typed.trim() });
  };
  const close = () => {
    setShown(null);
    setWhat("");
    field.current?.focus();
    // Back must not ask again for what is done with.
    if (asked !== null) history.replaceState(null, "", "#/downloads");
  };
  const download = () => {
    if (shown === null) return;
    // As it was shown: another default since must not change where it goes.
    const { what: reference } = shown.request;
    add.mutate(
      { what: reference, file: shown.plan.file, root: shown.plan.root },
      {
        onSuccess: (added) => {
          announce(added.was_there ? words.wasThere(visible(added.download.title)) : words.added(visible(added.download.title)));
          close();
        },
      },
    );
  };
  const error = plan.error ?? add.error;
  const keyWanted = error instanceof CommandError && error.wire.code === "unauthorised";
  return (
    <section aria-label={words.label}>
      <form
        className="flex gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          ask(what);
        }}
      >
        <input
          ref={field}
          type="text"
          aria-label={words.label}
          placeholder={words.placeholder}
          value={what}
          maxLength={2000}
          onChange={(event) => setWhat(event.target.value)}
          onPaste={(event) => {
            // Pasting is all it takes, unless it is pasted into something.
            const pasted = event.clipboardData.getData("text").trim();
            if (what !== "" || pasted === "") return;
            event.preventDefault();
            setWhat(pasted);
            ask(pasted);
          }}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          className="h-8 min-w-0 flex-1 rounded-lg border border-line bg-raised px-3 shadow-card"
        />
        <Button type="submit" disabled={what.trim() === "" || plan.isPending}>
          {words.look}
        </Button>
      </form>
      <p role="status" className="text-sm text-dim">
        {plan.isPending && <span className="mt-2 block">{words.looking}</span>}
      </p>
      {error !== null && (
        <div className="mt-3">
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
        </div>
      )}
      {shown !== null && (
        <Plan
          plan={shown.plan}
          roots={roots.data ?? []}
          busy={plan.isPending || add.isPending}
          onFile={(file) => look({ ...shown.request, file, root: shown.request.root ?? null })}
          onRoot={(root) => look({ ...shown.request, file: shown.plan.file, root })}
          onDownload={download}
          onClose={close}
        />
      )}
    </section>
  );
}
