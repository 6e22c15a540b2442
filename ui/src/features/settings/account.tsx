import { useMutationCommand } from "../../api/client";
import { useAccount } from "../../api/account";
import { Changing } from "../../api/read-only";
import type { AccountInfo } from "../../bindings/AccountInfo";
import { announce } from "../../components/announce";
import { Button } from "../../components/button";
import { Notice } from "../../components/state-message";
import { ErrorWords } from "../../components/wire-error";
import { text } from "../../text";
import { SignInForm } from "../account/sign-in";
import { Panel, PanelRow } from "./panel";

const words = text.account;

export function Account() {
  const account = useAccount();
  return (
    <Panel title={words.title} lead={words.lead}>
      {account.isPending && <div role="status" aria-label={text.common.loading} className="h-16 animate-breathe bg-raised" />}
      {account.isError && (
        <PanelRow>
          <Notice
            tone="bad"
            action={
              <Button small onClick={() => void account.refetch()}>
                {text.common.retry}
              </Button>
            }
          >
            <ErrorWords error={account.error} />
          </Notice>
        </PanelRow>
      )}
      {account.data && <Told account={account.data} />}
    </Panel>
  );
}

function Told({ account }: { account: AccountInfo }) {
  return (
    <>
      {account.problem !== null && (
        <PanelRow>
          <Notice tone="warn">
            <ErrorWords error={account.problem} />
          </Notice>
        </PanelRow>
      )}
      {account.kept_in !== null && <Known account={account} />}
      {!account.signed_in && account.kept_in !== "environment" && (
        <PanelRow>
          <SignInForm />
        </PanelRow>
      )}
    </>
  );
}

/** Whose key there is, also one that Civitai does not accept any more: it can be forgotten. */
function Known({ account }: { account: AccountInfo }) {
  const signOut = useMutationCommand("account_sign_out");
  const { username, tier, key_hint, kept_in, signed_in } = account;
  const facts = [
    [words.tier, tier ?? words.none],
    [words.keyShown, key_hint ?? words.hidden],
    [words.kept, kept_in === null ? "" : words.keptIn[kept_in]],
  ] as const;
  return (
    <PanelRow>
      <div className="flex flex-wrap items-start gap-x-4 gap-y-3">
        <div className="min-w-48 flex-1">
          {signed_in && <p className="font-medium">{username === null ? words.signedIn : words.signedInAs(username)}</p>}
          <dl className="mt-1 grid grid-cols-[6rem_minmax(0,1fr)] gap-x-4 gap-y-0.5">
            {facts.map(([term, value]) => (
              <div key={term} className="contents">
                <dt className="text-faint">{term}</dt>
                <dd className={term === words.keyShown ? "font-mono text-sm" : undefined}>{value}</dd>
              </div>
            ))}
          </dl>
          {kept_in === "environment" && <p className="mt-1 text-sm text-dim">{words.environmentHint}</p>}
        </div>
        {kept_in !== "environment" && (
          <Changing>
            <Button disabled={signOut.isPending} onClick={() => signOut.mutate({}, { onSuccess: () => announce(words.signedOut) })}>
              {words.signOut}
            </Button>
          </Changing>
        )}
      </div>
      {signOut.isError && (
        <div className="mt-3">
          <Notice tone="bad">
            <ErrorWords error={signOut.error} />
          </Notice>
        </div>
      )}
    </PanelRow>
  );
}
