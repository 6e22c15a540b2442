import { RefreshCw } from "lucide-react";

import { useMutationCommand } from "../../api/client";
import { Changing, Choosable } from "../../api/read-only";
import { useChangeSettings, useSettings } from "../../api/settings";
import type { VaultView } from "../../bindings/VaultView";
import { announce } from "../../components/announce";
import { Button } from "../../components/button";
import { cx } from "../../components/cx";
import { Notice } from "../../components/state-message";
import { SwitchRow } from "../../components/switch";
import { useNow } from "../../components/use-now";
import { ErrorWords, WithCode } from "../../components/wire-error";
import { text } from "../../text";

const words = text.vault;

/** How full the vault is, how old this picture of it is, and what stands in the way. */
export function Head({ view }: { view: VaultView }) {
  const now = useNow();
  const sync = useMutationCommand("vault_sync");
  const settings = useSettings();
  const { change, error } = useChangeSettings();
  const { info } = view;
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-wrap items-end gap-x-6 gap-y-3">
        <div className="min-w-56 flex-1">{info !== null && <Storage used={info.used} storage={info.storage} />}</div>
        <div className="flex items-center gap-3">
          <span className="text-sm text-faint">{view.synced_at === null ? words.neverRead : words.read(view.synced_at, now)}</span>
          <Changing>
            <Button
              small
              disabled={sync.isPending}
              onClick={() => sync.mutate({}, { onSuccess: (read) => announce(words.refreshed(read.items.length)) })}
            >
              <RefreshCw aria-hidden size={12} />
              {sync.isPending ? words.refreshing : words.refresh}
            </Button>
          </Changing>
        </div>
      </div>
      {view.advice !== null && (
        <Notice tone="warn">
          <WithCode>{view.advice}</WithCode>
        </Notice>
      )}
      {sync.isError ? (
        <Notice tone="bad">
          <ErrorWords error={sync.error} />
        </Notice>
      ) : (
        view.problem !== null && (
          <Notice tone="warn">
            <ErrorWords error={view.problem} />
          </Notice>
        )
      )}
      {settings.data && (
        <Choosable>
          <SwitchRow
            label={words.sync}
            hint={words.syncHint}
            checked={settings.data.vault_in_sync}
            onChange={(vault_in_sync) => change({ vault_in_sync })}
          />
        </Choosable>
      )}
      {error !== null && (
        <Notice tone="bad">
          <ErrorWords error={error} />
        </Notice>
      )}
    </div>
  );
}

function Storage({ used, storage }: { used: number; storage: number }) {
  // A membership that ended leaves no storage, but what is in it is still there.
  if (storage === 0) return <p className="tabular-nums">{words.usedOnly(used)}</p>;
  const said = words.used(used, storage);
  const share = Math.min(1, used / storage);
  return (
    <>
      <p className="text-sm text-dim tabular-nums">{said}</p>
      <div
        role="meter"
        aria-label={words.storage}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(share * 100)}
        aria-valuetext={said}
        className="mt-1.5 h-1.5 overflow-hidden rounded-full bg-line2"
      >
        <div className={cx("h-full rounded-full", used > storage ? "bg-bad" : share > 0.9 ? "bg-warn" : "bg-accent")} style={{ width: `${(share * 100).toFixed(1)}%` }} />
      </div>
    </>
  );
}
