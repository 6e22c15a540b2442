/** What stands above the vault's list: what is looked for, what is selected, and what can be done with it. */
import { Search, SearchX } from "lucide-react";

import type { VaultEntry } from "../../bindings/VaultEntry";
import { Button } from "../../components/button";
import { Segments } from "../../components/segments";
import { StateMessage } from "../../components/state-message";
import { text } from "../../text";
import { isMissing, modelBytes } from "./filter";
import type { Side } from "./filter";

const words = text.vault;

export function Tools({
  entries,
  side,
  search,
  onSide,
  onSearch,
}: {
  entries: readonly VaultEntry[];
  side: Side;
  search: string;
  onSide: (side: Side) => void;
  onSearch: (search: string) => void;
}) {
  const missing = entries.filter(isMissing).length;
  return (
    <div className="flex flex-wrap items-center gap-2">
      <div className="relative min-w-48 flex-1">
        <Search aria-hidden size={15} className="pointer-events-none absolute top-2 left-2.5 text-faint" />
        <input
          type="search"
          aria-label={words.search}
          placeholder={words.search}
          value={search}
          onChange={(event) => onSearch(event.target.value)}
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
          { value: "missing", label: words.missing(missing) },
          { value: "here", label: words.here(entries.length - missing) },
        ]}
        onChange={onSide}
      />
    </div>
  );
}

export function SelectionBar({
  entries,
  shown,
  selected,
  isUnderway,
  asking,
  changing,
  onSelect,
  onDownload,
  onChoose,
  onTakeOut,
}: {
  entries: readonly VaultEntry[];
  shown: readonly VaultEntry[];
  selected: readonly VaultEntry[];
  isUnderway: (entry: VaultEntry) => boolean;
  /** Something is being put into the queue. */
  asking: boolean;
  /** Something is being taken out. */
  changing: boolean;
  onSelect: (some: readonly VaultEntry[]) => void;
  onDownload: (some: readonly VaultEntry[]) => void;
  onChoose: (some: readonly VaultEntry[]) => void;
  onTakeOut: (some: readonly VaultEntry[]) => void;
}) {
  const toFetch = (some: readonly VaultEntry[]) => some.filter((entry) => isMissing(entry) && !isUnderway(entry));
  const everyShown = shown.length > 0 && selected.length === shown.length;
  const all = toFetch(entries);
  const some = toFetch(selected);
  return (
    <div className="flex min-h-8 flex-wrap items-center gap-2">
      <label className="mr-auto flex items-center gap-2 text-sm text-dim">
        <input
          type="checkbox"
          className="size-4 accent-(--accent)"
          checked={everyShown}
          disabled={shown.length === 0}
          onChange={() => onSelect(everyShown ? [] : shown)}
        />
        {selected.length > 0 ? words.selected(selected.length, modelBytes(selected)) : words.selectShown}
      </label>
      <span role="status" className="text-sm text-dim">
        {asking && words.asking}
      </span>
      {selected.length > 0 && (
        <>
          <Button small disabled={changing} onClick={() => onTakeOut(selected)}>
            {words.takeOut}
          </Button>
          <Button small disabled={asking} onClick={() => onChoose(selected)}>
            {words.choose}
          </Button>
          <Button small look="primary" disabled={some.length === 0 || asking} onClick={() => onDownload(some)}>
            {words.downloadSelected}
          </Button>
        </>
      )}
      {selected.length === 0 && all.length > 0 && (
        <Button small look="primary" disabled={asking} onClick={() => onDownload(all)}>
          {words.downloadMissing(all.length, modelBytes(all))}
        </Button>
      )}
    </div>
  );
}

export function Nothing({ onClear }: { onClear: () => void }) {
  return (
    <StateMessage icon={SearchX} title={words.nothing} hint={words.nothingHint}>
      <Button onClick={onClear}>{words.clear}</Button>
    </StateMessage>
  );
}
