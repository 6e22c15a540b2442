import type { MouseEvent, RefObject } from "react";

import type { LibraryItem } from "../../bindings/LibraryItem";
import type { Settings } from "../../bindings/Settings";
import type { Selection } from "./selection";
import type { Library } from "./use-library";
import type { ListKeys } from "./use-window";

/** What grid and list are given. */
export interface RowsProps {
  library: Library;
  settings: Settings | undefined;
  /** Where the keyboard is. */
  active: number | null;
  /** Whose details are shown. */
  selectedId: number | null;
  selection: Selection;
  onPress: (index: number, item: LibraryItem, event: MouseEvent) => void;
  onMenu: (index: number, item: LibraryItem, event: MouseEvent) => void;
  onMove: (index: number, extend: boolean) => void;
  keys: ListKeys;
  listRef: RefObject<HTMLDivElement | null>;
}
