import { useMemo } from "react";

import type { VaultEntry } from "../../bindings/VaultEntry";
import { LongList } from "../../components/long-list";
import { Row } from "./row";

/** The items that are shown, as far as they are on screen. */
export function Rows({
  entries,
  scroller,
  chosen,
  isUnderway,
  asking,
  ...acts
}: {
  entries: readonly VaultEntry[];
  scroller: HTMLElement | null;
  chosen: ReadonlySet<number>;
  isUnderway: (entry: VaultEntry) => boolean;
  asking: boolean;
  onSelect: (entry: VaultEntry) => void;
  onDownload: (entry: VaultEntry) => void;
  onChoose: (entry: VaultEntry) => void;
  onTakeOut: (entry: VaultEntry) => void;
}) {
  const items = useMemo(() => entries.map((entry) => ({ id: entry.item.id, entry })), [entries]);
  return (
    <LongList
      items={items}
      scroller={scroller}
      usualHeight={58}
      className="overflow-hidden"
      row={({ id, entry }) => <Row entry={entry} selected={chosen.has(id)} underway={isUnderway(entry)} asking={asking} {...acts} />}
    />
  );
}
