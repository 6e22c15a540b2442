import type { RefObject } from "react";

import type { LibraryItem } from "../../bindings/LibraryItem";
import type { Settings } from "../../bindings/Settings";
import type { Library } from "./use-library";

/** What grid and list are given. */
export interface RowsProps {
  library: Library;
  settings: Settings | undefined;
  /** Where the keyboard is. */
  active: number | null;
  selectedId: number | null;
  onChoose: (index: number, item: LibraryItem) => void;
  onMove: (index: number) => void;
  onOpen: () => void;
  listRef: RefObject<HTMLDivElement | null>;
}
