import { Archive, KeyRound } from "lucide-react";

import { useAccount } from "../../api/account";
import { useCommand, useMutationCommand } from "../../api/client";
import type { VaultView } from "../../bindings/VaultView";
import { LoadError } from "../../components/load-error";
import { Lead, Place } from "../../components/place";
import { StateMessage } from "../../components/state-message";
import { text } from "../../text";
import { SignInForm } from "../account/sign-in";
import { Head } from "./head";
import { List } from "./list";

const words = text.vault;

export function VaultPlace() {
  const vault = useCommand("vault_show", {});
  return (
    <Place title={words.title} lead={<Lead>{words.lead}</Lead>}>
      {(scroller) =>
        vault.data !== undefined ? (
          <Known view={vault.data} scroller={scroller} />
        ) : vault.isError ? (
          <LoadError error={vault.error} onRetry={() => void vault.refetch()} />
        ) : (
          <div role="status" aria-label={text.common.loading} className="flex flex-col gap-2">
            {[0, 1, 2, 3].map((row) => (
              <div key={row} className="h-14 animate-breathe rounded-xl bg-raised" />
            ))}
          </div>
        )
      }
    </Place>
  );
}

function Known({ view, scroller }: { view: VaultView; scroller: HTMLElement | null }) {
  const account = useAccount();
  const sync = useMutationCommand("vault_sync");
  // Nobody signed in, and so nothing was ever asked: there is nothing to refresh either.
  const signedOut = view.state === null && account.data?.signed_in === false;
  if (view.state === "no_key" || signedOut) {
    return (
      <StateMessage icon={KeyRound} title={words.signInTitle} hint={words.signInHint}>
        <SignInForm onSignedIn={() => sync.mutate({})} />
      </StateMessage>
    );
  }
  return (
    <>
      <Head view={view} />
      {view.items.length > 0 ? (
        <List entries={view.items} scroller={scroller} />
      ) : view.state === "no_membership" ? (
        <StateMessage icon={Archive} title={words.noMembership} />
      ) : view.synced_at === null ? (
        <StateMessage icon={Archive} title={words.unread} hint={words.unreadHint} />
      ) : (
        <StateMessage icon={Archive} title={words.empty} hint={words.emptyHint} />
      )}
    </>
  );
}
