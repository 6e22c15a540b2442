import { Search, SearchX } from "lucide-react";
import { useState } from "react";

import { useMutationCommand } from "../../api/client";
import { useDownloads } from "../../api/downloads";
import type { VaultEntry } from "../../bindings/VaultEntry";
import { announce } from "../../components/announce";
import { Button } from "../../components/button";
import { ConfirmDialog } from "../../components/dialog";
import { Segments } from "../../components/segments";
import { Notice, StateMessage } from "../../components/state-message";
import { ErrorWords } from "../../components/wire-error";
import { text } from "../../text";
import { isMissing, modelBytes, shownOf, titleOf, underwayOf, vaultBytes } from "./filter";
import type { Side } from "./filter";
import { Row } from "./row";

const words = text.vault;

// Thousands of rows would make every keystroke of a search slow.
const step = 200;

/** What is in the vault: looked through, chosen from, downloaded and taken out. */
export function List({ entries }: { entries: readonly VaultEntry[] }) {
  const downloads = useDownloads();
  const download = useMutationCommand("vault_download");
  const change = useMutationCommand("vault_change");
  const [side, setSide] = useState<Side>("all");
  const [search, setSearch] = useState("");
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set());
  const [limit, setLimit] = useState(step);
  const [leaving, setLeaving] = useState<readonly VaultEntry[] | null>(null);

  const underway = underwayOf(downloads.data ?? []);
  const missing = entries.filter(isMissing);
  const toFetch = missing.filter((entry) => !underway(entry));
  const shown = shownOf(entries, side, search);
  // What is not shown is not acted on, so that nothing happens to what nobody sees.
  const selected = shown.filter((entry) => chosen.has(entry.item.id));
  const selectedToFetch = selected.filter((entry) => isMissing(entry) && !underway(entry));
  const everyShown = shown.length > 0 && selected.length === shown.length;

  const bringDown = (some: readonly VaultEntry[]) => {
    change.reset();
    // Named one by one: what was counted is what is fetched.
    download.mutate(
      { items: some.map((entry) => entry.item.id), parts: [] },
      {
        onSuccess: (reports) => {
          announce(words.downloading(reports.filter((report) => report.download !== null).length));
          setChosen(new Set());
        },
      },
    );
  };
  const takeOut = (some: readonly VaultEntry[]) => {
    download.reset();
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
  const refused = (download.data ?? []).filter((report) => report.problem !== null);
  const unchanged = (change.data ?? []).filter((report) => report.outcome === "not_changed" || report.outcome === "unknown");
  const error = download.error ?? change.error;

  return (
    <section aria-label={words.list} className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center gap-2">
        <div className="relative min-w-48 flex-1">
          <Search aria-hidden size={15} className="pointer-events-none absolute top-2 left-2.5 text-faint" />
          <input
            type="search"
            aria-label={words.search}
            placeholder={words.search}
            value={search}
            onChange={(event) => {
              setSearch(event.target.value);
              setLimit(step);
            }}
            autoComplete="off"
            spellCheck={false}
            className="h-8 w-full rounded-lg border border-line bg-raised pr-3 pl-8 shadow-card"
          />
        </div>
        <Segments
          label={words.filter}
          value={side}
          options={[
            { value: "all", label: words.all(entries.length) },
            { value: "missing", label: words.missing(missing.length) },
            { value: "here", label: words.here(entries.length - missing.length) },
          ]}
          onChange={(next) => {
            setSide(next);
            setLimit(step);
          }}
        />
      </div>
      <div className="flex min-h-8 flex-wrap items-center gap-2">
        <label className="mr-auto flex items-center gap-2 text-sm text-dim">
          <input
            type="checkbox"
            className="size-4 accent-(--accent)"
            checked={everyShown}
            onChange={() => setChosen(everyShown ? new Set() : new Set(shown.map((entry) => entry.item.id)))}
          />
          {selected.length > 0 ? words.selected(selected.length, modelBytes(selected)) : words.selectShown}
        </label>
        {selected.length > 0 && (
          <>
            <Button small disabled={change.isPending} onClick={() => setLeaving(selected)}>
              {words.takeOut}
            </Button>
            <Button small look="primary" disabled={selectedToFetch.length === 0 || download.isPending} onClick={() => bringDown(selectedToFetch)}>
              {words.downloadSelected}
            </Button>
          </>
        )}
        {selected.length === 0 && toFetch.length > 0 && (
          <Button small look="primary" disabled={download.isPending} onClick={() => bringDown(toFetch)}>
            {words.downloadMissing(toFetch.length, modelBytes(toFetch))}
          </Button>
        )}
      </div>
      {error !== null && (
        <Notice tone="bad">
          <ErrorWords error={error} />
        </Notice>
      )}
      {refused.length > 0 && (
        <Notice tone="warn">
          <strong className="font-medium">{words.refused(refused.length)}</strong>
          {refused.slice(0, 5).map((report) => (
            <span key={`${report.item} ${report.part}`} className="mt-1 block">
              <ErrorWords error={report.problem} />
            </span>
          ))}
        </Notice>
      )}
      {unchanged.length > 0 && (
        <Notice tone="warn">
          {unchanged.slice(0, 5).map((report) => (
            <span key={`${report.version ?? ""} ${report.file ?? ""}`} className="mt-1 block">
              <strong className="font-medium">{words.notDone(report.title, report.outcome)}</strong>
              {report.problem !== null && (
                <span className="block">
                  <ErrorWords error={report.problem} />
                </span>
              )}
            </span>
          ))}
        </Notice>
      )}
      {shown.length === 0 ? (
        <StateMessage icon={SearchX} title={words.nothing} hint={words.nothingHint}>
          <Button
            onClick={() => {
              setSearch("");
              setSide("all");
            }}
          >
            {words.clear}
          </Button>
        </StateMessage>
      ) : (
        <ul className="overflow-hidden rounded-xl border border-line bg-panel">
          {shown.slice(0, limit).map((entry) => (
            <Row
              key={entry.item.id}
              entry={entry}
              selected={chosen.has(entry.item.id)}
              underway={underway(entry)}
              onSelect={() => {
                const next = new Set(chosen);
                if (!next.delete(entry.item.id)) next.add(entry.item.id);
                setChosen(next);
              }}
              onDownload={() => bringDown([entry])}
              onTakeOut={() => setLeaving([entry])}
            />
          ))}
        </ul>
      )}
      {shown.length > limit && (
        <Button className="self-center" onClick={() => setLimit(limit + step)}>
          {words.more(Math.min(step, shown.length - limit))}
        </Button>
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
    </section>
  );
}
