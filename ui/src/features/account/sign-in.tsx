import { ExternalLink } from "lucide-react";
import { useId } from "react";

import { useCommand, usePlatform } from "../../api/client";
import { useSignIn } from "../../api/account";
import { useReadOnly } from "../../api/read-only";
import { announce } from "../../components/announce";
import { Button } from "../../components/button";
import { Notice } from "../../components/state-message";
import { ErrorWords } from "../../components/wire-error";
import { text } from "../../text";

const words = text.account;

/** Asks for a key. The field belongs to the browser alone: the key is never in the page's state. */
export function SignInForm({ onSignedIn }: { onSignedIn?: () => void }) {
  const platform = usePlatform();
  const { signIn, busy, error } = useSignIn();
  const info = useCommand("app_info", {});
  const readOnly = useReadOnly();
  const page = words.keysPage(info.data?.civitai_url ?? "https://civitai.com");
  const id = useId();
  if (readOnly) return <p className="text-dim">{words.readOnly}</p>;
  return (
    <form
      className="flex w-full flex-col gap-2 text-left"
      onSubmit={(event) => {
        event.preventDefault();
        const field = event.currentTarget.elements.namedItem("key");
        if (!(field instanceof HTMLInputElement) || field.value.trim() === "" || busy) return;
        const key = field.value.trim();
        field.value = "";
        void signIn(key).then((account) => {
          if (account === null) return;
          announce(words.welcome(account.username));
          onSignedIn?.();
        });
      }}
    >
      <label htmlFor={id} className="font-medium">
        {words.key}
      </label>
      <div className="flex gap-2">
        <input
          id={id}
          name="key"
          type="password"
          autoComplete="off"
          spellCheck={false}
          maxLength={500}
          required
          aria-describedby={`${id}-hint`}
          className="h-8 min-w-0 flex-1 rounded-lg border border-line2 bg-raised px-3 font-mono text-sm"
        />
        <Button type="submit" look="primary" disabled={busy}>
          {busy ? words.signingIn : words.signIn}
        </Button>
      </div>
      <p id={`${id}-hint`} className="text-sm text-dim">
        {words.where}
      </p>
      <Button small look="quiet" className="-ml-2.5 self-start" onClick={() => void platform.openExternal(page).catch(() => announce(page))}>
        <ExternalLink aria-hidden size={13} />
        {words.open}
      </Button>
      {error !== null && (
        <Notice tone="bad">
          <ErrorWords error={error} />
        </Notice>
      )}
    </form>
  );
}
