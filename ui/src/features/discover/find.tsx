/** From what was pasted or typed to the model that it names. */
import { Compass } from "lucide-react";
import { useCallback, useEffect, useRef } from "react";

import { useMutationCommand } from "../../api/client";
import { Button } from "../../components/button";
import { Notice } from "../../components/state-message";
import { goTo } from "../../components/use-place";
import { ErrorWords } from "../../components/wire-error";
import { text } from "../../text";
import { Failed } from "./failed";
import { addressOf } from "./filter";

const words = text.discover;

/** An address or AIR was pasted: which model is it? */
export function Find({ what, onFound }: { what: string; onFound: () => void }) {
  const { mutateAsync, error, reset } = useMutationCommand("discover_find");
  const found = useRef(onFound);
  const ask = useCallback(() => {
    reset();
    mutateAsync({ what }).then(
      ({ model, version }) => {
        found.current();
        goTo(addressOf(model, version));
      },
      // It is shown below.
      () => undefined,
    );
  }, [mutateAsync, reset, what]);
  useEffect(ask, [ask]);
  if (error !== null) return <Failed error={error} onRetry={ask} />;
  return (
    <div role="status" className="m-auto flex items-center gap-2 py-12 text-dim">
      <Compass aria-hidden size={16} className="animate-breathe" />
      {words.finding}
    </div>
  );
}

/** A number may be a word to look for, and the number of a version. */
export function OpenNumber({ number }: { number: string }) {
  const find = useMutationCommand("discover_find");
  return (
    <div className="flex flex-col gap-2 px-4 pb-2.5">
      <Button
        small
        className="self-start"
        disabled={find.isPending}
        onClick={() => find.mutate({ what: number }, { onSuccess: ({ model, version }) => goTo(addressOf(model, version)) })}
      >
        <Compass aria-hidden size={14} />
        {words.openVersion(number)}
      </Button>
      {find.error !== null && (
        <Notice tone="bad">
          <ErrorWords error={find.error} />
        </Notice>
      )}
    </div>
  );
}
