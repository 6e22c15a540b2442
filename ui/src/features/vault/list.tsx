import { useState } from "react";

import { useCommand, useMutationCommand } from "../../api/client";
import { useDownloads } from "../../api/downloads";
import { Changing } from "../../api/read-only";
import { useVaultDownload } from "../../api/vault";
import type { VaultDownload } from "../../bindings/VaultDownload";
import type { VaultEntry } from "../../bindings/VaultEntry";
import { announce } from "../../components/announce";
import { ConfirmDialog } from "../../components/dialog";
import { text } from "../../text";
import { shownOf, titleOf, underwayOf, vaultBytes } from "./filter";
import type { Side } from "./filter";
import { Options } from "./options";
import { Outcome } from "./outcome";
import { Rows } from "./rows";
import { Nothing, SelectionBar, Tools } from "./tools";
import { requestsFor } from "./wish";

const words = text.vault;

/** What is in the vault: looked through, chosen from, downloaded and taken out. */
export function List({ entries, scroller }: { entries: readonly VaultEntry[]; scroller: HTMLElement | null }) {
  const downloads = useDownloads();
  const roots = useCommand("roots_list", {});
  const download = useVaultDownload();
  const change = useMutationCommand("vault_change");
  const [side, setSide] = useState<Side>("all");
  const [search, setSearch] = useState("");
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set());
  const [leaving, setLeaving] = useState<readonly VaultEntry[] | null>(null);
  const [choosing, setChoosing] = useState<readonly VaultEntry[] | null>(null);

  const isUnderway = underwayOf(downloads.data ?? []);
  const shown = shownOf(entries, side, search);
  // What is not shown is not acted on, so that nothing happens to what nobody sees.
  const selected = shown.filter((entry) => chosen.has(entry.item.id));

  const bringDown = (requests: readonly VaultDownload[]) => {
    change.reset();
    download.ask(requests).then(
      ({ reports }) => {
        const queued = reports.filter((report) => report.download !== null);
        if (queued.length > 0) announce(words.downloading(queued.length));
        // What did not get into the queue stays selected, for another try.
        setChosen((now) => new Set([...now].filter((id) => !queued.some((report) => report.item === id))));
      },
      () => undefined, // Told by `download.error`.
    );
  };
  // Named one by one: what was counted is what is fetched.
  const bringDownModels = (some: readonly VaultEntry[]) => bringDown([{ items: some.map((entry) => entry.item.id), parts: [] }]);
  const takeOut = (some: readonly VaultEntry[]) => {
    download.clear();
    change.mutate(
      { versions: some.map((entry) => entry.item.version_id), files: [], to: "out" },
      {
        onSuccess: (reports) => {
          announce(words.tookOut(reports.filter((report) => report.problem === null).length));
          setChosen(new Set());
        },
      },
    );
  };

  return (
    <section aria-label={words.list} className="flex flex-col gap-3">
      <Tools
        entries={entries}
        side={side}
        search={search}
        onSide={setSide}
        onSearch={setSearch}
      />
      <Changing>
        <SelectionBar
          entries={entries}
          shown={shown}
          selected={selected}
          isUnderway={isUnderway}
          asking={download.isPending}
          changing={change.isPending}
          onSelect={(some) => setChosen(new Set(some.map((entry) => entry.item.id)))}
          onDownload={bringDownModels}
          onChoose={setChoosing}
          onTakeOut={setLeaving}
        />
      </Changing>
      <Outcome error={download.error ?? change.error} asked={download.asked} changes={change.data ?? []} />
      {shown.length === 0 ? (
        <Nothing
          onClear={() => {
            setSearch("");
            setSide("all");
          }}
        />
      ) : (
        <Rows
          entries={shown}
          scroller={scroller}
          chosen={chosen}
          isUnderway={isUnderway}
          asking={download.isPending}
          onSelect={({ item }) => {
            const next = new Set(chosen);
            if (!next.delete(item.id)) next.add(item.id);
            setChosen(next);
          }}
          onDownload={(entry) => bringDownModels([entry])}
          onChoose={(entry) => setChoosing([entry])}
          onTakeOut={(entry) => setLeaving([entry])}
        />
      )}
      {leaving !== null && (
        <ConfirmDialog
          title={words.takeOutTitle(leaving.length, leaving[0] ? titleOf(leaving[0]) : "")}
          body={words.takeOutBody(vaultBytes(leaving))}
          confirm={words.takeOutConfirm}
          cancel={text.common.cancel}
          onClose={() => setLeaving(null)}
          onConfirm={() => {
            takeOut(leaving);
            setLeaving(null);
          }}
        />
      )}
      {choosing !== null && (
        <Options
          entries={choosing}
          roots={roots.data ?? []}
          isUnderway={isUnderway}
          onClose={() => setChoosing(null)}
          onDownload={(wish) => {
            bringDown(requestsFor(choosing, wish, isUnderway));
            setChoosing(null);
          }}
        />
      )}
    </section>
  );
}
