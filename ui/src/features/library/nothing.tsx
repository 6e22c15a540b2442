import { FolderSearch, SearchX } from "lucide-react";

import { Button } from "../../components/button";
import { StateMessage } from "../../components/state-message";
import { text } from "../../text";
import { useScan } from "../scan/use-scan";
import { cleared, isUnfiltered } from "./filter";
import type { Filter } from "./filter";

/** No rows: because of the filter, because nothing was found yet, or because there is nothing. */
export function Nothing({ filter, onFilter, onSettings }: { filter: Filter; onFilter: (change: Partial<Filter>) => void; onSettings: () => void }) {
  const scan = useScan();
  if (!isUnfiltered(filter)) {
    return (
      <StateMessage icon={SearchX} title={text.library.nothing.title} hint={text.library.nothing.hint(filter.search)}>
        <Button onClick={() => onFilter(cleared(filter))}>{text.library.nothing.clear}</Button>
      </StateMessage>
    );
  }
  if (scan.running) {
    return <StateMessage icon={FolderSearch} title={text.library.empty.scanning} hint={text.library.empty.scanningHint} />;
  }
  return (
    <StateMessage icon={FolderSearch} title={text.library.empty.title} hint={text.library.empty.hint}>
      <Button look="primary" onClick={() => scan.start()}>
        {text.library.empty.scan}
      </Button>
      <Button onClick={onSettings}>{text.library.empty.folders}</Button>
    </StateMessage>
  );
}
