import { ExternalLink, FolderOpen, RefreshCw } from "lucide-react";
import { useState } from "react";

import { useMutationCommand, usePlatform } from "../../api/client";
import { Changing } from "../../api/read-only";
import type { IdentifyResponse } from "../../bindings/IdentifyResponse";
import type { LibraryItem } from "../../bindings/LibraryItem";
import { announce } from "../../components/announce";
import { Button } from "../../components/button";
import { Notice } from "../../components/state-message";
import { ErrorWords } from "../../components/wire-error";
import { text } from "../../text";
import { InVault } from "../vault/in-vault";
import { LinkActions } from "./link";

function identifiedWords(answer: IdentifyResponse): string {
  const words = text.inspector.identified;
  if (answer.matched > 0) return words.matched;
  return answer.pending > 0 ? words.pending : words.not_found;
}

/** What can be done to one model. */
export function Actions({ item, civitaiUrl, lookUp }: { item: LibraryItem; civitaiUrl: string | null; lookUp: boolean }) {
  const platform = usePlatform();
  const identify = useMutationCommand("identify");
  const [failure, setFailure] = useState<{ id: number; error: unknown } | null>(null);
  const mine = identify.variables?.files.includes(item.id) === true;
  const tell = (error: unknown) => setFailure({ id: item.id, error });
  const ask = () => {
    setFailure(null);
    identify.mutate(
      { files: [item.id] },
      { onSuccess: (answer) => announce(identifiedWords(answer)), onError: tell },
    );
  };
  const canReveal = platform.capabilities.reveal && !item.missing;
  return (
    <div className="flex flex-col gap-2">
      <div className="flex flex-wrap gap-1.5">
        {canReveal && (
          <Button small className="px-2!" onClick={() => void platform.reveal(item.id).catch(tell)}>
            <FolderOpen aria-hidden size={14} />
            {text.inspector.reveal}
          </Button>
        )}
        {civitaiUrl !== null && (
          <Button small className="px-2!" onClick={() => void platform.openExternal(civitaiUrl).catch(tell)}>
            <ExternalLink aria-hidden size={14} />
            {text.inspector.openCivitai}
          </Button>
        )}
        <Changing>
          {item.sha256 !== null && (
            <Button
              small
              className="px-2!"
              look={civitaiUrl === null ? "plain" : "quiet"}
              disabled={!lookUp || (identify.isPending && mine)}
              title={lookUp ? undefined : text.inspector.lookUpOff}
              onClick={ask}
            >
              <RefreshCw aria-hidden size={13} />
              {identify.isPending && mine ? text.inspector.identifying : text.inspector.identify}
            </Button>
          )}
        </Changing>
        <InVault item={item} onError={tell} />
        <Changing>
          <LinkActions key={item.id} item={item} lookUp={lookUp} onError={tell} />
        </Changing>
      </div>
      {mine && identify.data && <p className="text-sm text-dim">{identifiedWords(identify.data)}</p>}
      {failure?.id === item.id && (
        <Notice tone="bad">
          <ErrorWords error={failure.error} />
        </Notice>
      )}
    </div>
  );
}
