import { Archive, ArchiveRestore } from "lucide-react";

import { useCommand, useMutationCommand } from "../../api/client";
import { announce } from "../../components/announce";
import { ChangeButton } from "../../api/read-only";
import { CommandError } from "../../platform";
import { text } from "../../text";

/** Whether a version is in the vault, and the way into it. Nothing where there is no vault to speak of. */
export function VaultButton({ version, inVault, onError }: { version: number; inVault: boolean; onError: (error: unknown) => void }) {
  const vault = useCommand("vault_show", {});
  const change = useMutationCommand("vault_change");
  if (inVault) {
    return (
      <a href="#/vault" className="inline-flex h-8 items-center gap-1.5 rounded-lg px-2 font-medium text-good hover:bg-hover">
        <Archive aria-hidden size={15} />
        {text.vault.inVault}
      </a>
    );
  }
  // Civitai takes nothing into a vault that is full or whose membership has ended.
  if (vault.data?.state !== "ready") return null;
  return (
    <ChangeButton
      disabled={change.isPending}
      title={text.discover.vaultHint}
      onClick={() => {
        change.mutateAsync({ versions: [version], files: [], to: "in" }).then((reports) => {
          const problem = reports.find((report) => report.problem !== null)?.problem ?? null;
          if (problem === null) announce(text.vault.wasPut);
          else onError(new CommandError(problem));
        }, onError);
      }}
    >
      <ArchiveRestore aria-hidden size={15} />
      {change.isPending ? text.discover.vaultPutting : text.discover.vaultPut}
    </ChangeButton>
  );
}
