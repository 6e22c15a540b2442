import { ExternalLink } from "lucide-react";
import { useEffect, useId, useRef } from "react";

import { usePlatform } from "../../api/client";
import { usePairing } from "../../api/link";
import type { LinkSite } from "../../bindings/LinkSite";
import { announce } from "../../components/announce";
import { Button } from "../../components/button";
import { Notice } from "../../components/state-message";
import { ErrorWords } from "../../components/wire-error";
import { CommandError } from "../../platform";
import { text } from "../../text";
import { Where } from "./where";

const words = text.link;

/** Asks for a code, and says where the site shows one. The field belongs to the browser alone: a code is never in the page's state. */
export function PairForm({ site, onPaired }: { site: LinkSite; onPaired: () => void }) {
  const platform = usePlatform();
  const { pair, busy, error, forget } = usePairing();
  const field = useRef<HTMLInputElement>(null);
  const id = useId();
  // Whoever opened this has a code in mind.
  useEffect(() => field.current?.focus(), []);
  const wrong = error !== null && isAboutTheCode(error);
  const address = words.address(site);
  return (
    <form
      className="flex flex-col gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        const code = plain(field.current?.value ?? "");
        if (code === "" || busy) return;
        void pair(site, code).then((info) => {
          if (info !== null) { onPaired(); return; }
          // Typed again sooner than looked at for the one wrong character.
          field.current?.focus();
          field.current?.select();
        });
      }}
    >
      <label htmlFor={id} className="font-medium">
        {words.code.label(site)}
      </label>
      <div className="flex gap-2">
        <input
          ref={field}
          id={id}
          name="code"
          type="text"
          autoComplete="off"
          autoCapitalize="off"
          autoCorrect="off"
          spellCheck={false}
          maxLength={40}
          required
          aria-invalid={wrong}
          aria-describedby={wrong ? `${id}-error ${id}-hint` : `${id}-hint`}
          onChange={forget}
          className="h-8 w-40 min-w-0 rounded-lg border border-line2 bg-raised px-3 font-mono tracking-widest aria-invalid:border-bad"
        />
        <Button type="submit" look="primary" aria-disabled={busy}>
          {busy ? words.code.asking : words.code.submit}
        </Button>
      </div>
      {wrong && (
        <p id={`${id}-error`} role="alert" className="text-sm wrap-anywhere text-bad">
          <ErrorWords error={error} />
        </p>
      )}
      <p id={`${id}-hint`} className="text-sm text-dim">
        {words.code.hint}
      </p>
      {error !== null && !wrong && (
        <Notice tone="bad">
          <ErrorWords error={error} />
        </Notice>
      )}
      <Where site={site} />
      <Button small look="quiet" className="-ml-2.5 self-start" onClick={() => void platform.openExternal(address).catch(() => announce(address))}>
        <ExternalLink aria-hidden size={13} />
        {words.code.open(site)}
      </Button>
    </form>
  );
}

/** As the engine wants it: however it was copied or read off. */
export function plain(typed: string): string {
  return typed.replaceAll(/\s/g, "").toLowerCase();
}

// What another code would help against; the rest is the network's, the site's or the keyring's.
const codes: readonly string[] = ["invalid_request", "not_found", "unauthorised", "forbidden"];

function isAboutTheCode(error: unknown): boolean {
  return error instanceof CommandError && codes.includes(error.wire.code);
}
