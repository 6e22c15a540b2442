import { useState } from "react";

import { useCommand, useMutationCommand } from "../../api/client";
import { useDownloads } from "../../api/downloads";
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
import { Row } from "./row";
import { Nothing, SelectionBar, Tools } from "./tools";
import { requestsFor } from "./wish";

const words = text.vault;

// Thousands of rows would make every keystroke of a search slow.
const step = 200;

/** What is in the vault: looked through, chosen from, downloaded and taken out. */
export function List({ entries }: { entries: readonly VaultEntry[] }) {
  const downloads = useDownloads();
  const roots = useCommand("roots_list", {});
  const download = useVaultDownload();
  const change = useMutationCommand("vault_change");
  const [side, setSide] = useState<Side>("all");
  const [search, setSearch] = useState("");
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set());
  const [limit, setLimit] = useState(step);
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
        onSide={(next) => {
          setSide(next);
          setLimit(step);
        }}
        onSearch={(next) => {
          setSearch(next);
          setLimit(step);
        }}
      />
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
      <Outcome error={download.error ?? change.error} asked={download.asked} changes={change.data ?? []} />
      {shown.length === 0 ? (
        <Nothing
          onClear={() => {
            setSearch("");
            setSide("all");
          }}
        />
      ) : (
        <ul className="overflow-hidden rounded-xl border border-line bg-panel">
          {shown.slice(0, limit).map((entry) => (
            <Row
              key={entry.item.id}
              entry={entry}
              selected={chosen.has(entry.item.id)}
              underway={isUnderway(entry)}
              asking={download.isPending}
              onSelect={() => {
                const next = new Set(chosen);
                if (!next.delete(entry.item.id)) next.add(entry.item.id);
                setChosen(next);
              }}
              onDownload={() => bringDownModels([entry])}
              onChoose={() => setChoosing([entry])}
              onTakeOut={() => setLeaving([entry])}
            />
          ))}
        </ul>
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
