import { Archive, ArchiveRestore } from "lucide-react";

import { useCommand, useMutationCommand } from "../../api/client";
import { useReadOnly } from "../../api/read-only";
import type { LibraryItem } from "../../bindings/LibraryItem";
import { announce } from "../../components/announce";
import { Button } from "../../components/button";
import { CommandError } from "../../platform";
import { text } from "../../text";

const words = text.vault;

/** Whether a file's version is in the vault, and the way into it. Nothing where there is no vault to speak of. */
export function InVault({ item, onError }: { item: LibraryItem; onError: (error: unknown) => void }) {
  const vault = useCommand("vault_show", {});
  const change = useMutationCommand("vault_change");
  const readOnly = useReadOnly();
  if (item.version_id === null || item.state !== "matched" || vault.data === undefined) return null;
  const { state, items } = vault.data;
  if (items.some((entry) => entry.item.version_id === item.version_id)) {
    return (
      <a href="#/vault" className="inline-flex h-7 items-center gap-1.5 rounded-lg px-2 text-sm font-medium text-good hover:bg-hover">
        <Archive aria-hidden size={14} />
        {words.inVault}
      </a>
    );
  }
  // Civitai takes nothing into a vault that is full or whose membership has ended.
  if (state !== "ready" || readOnly) return null;
  return (
    <Button
      small
      className="px-2!"
      look="quiet"
      disabled={change.isPending}
      onClick={() => {
        void change.mutateAsync({ versions: [], files: [item.id], to: "in" }).then((reports) => {
          const problem = reports.find((report) => report.problem !== null)?.problem ?? null;
          if (problem === null) announce(words.wasPut);
          else onError(new CommandError(problem));
        }, onError);
      }}
    >
      <ArchiveRestore aria-hidden size={14} />
      {change.isPending ? words.putting : words.put}
    </Button>
  );
}
