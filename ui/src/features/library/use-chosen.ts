/** Where the keyboard is in the list, and whose details are shown. */
import { useEffect, useState } from "react";
import type { RefObject } from "react";

import type { LibraryItem } from "../../bindings/LibraryItem";
import type { Library } from "./use-library";

interface Chosen {
  index: number | null;
  id: number;
}

export interface Choosing {
  active: number | null;
  /** The row the keyboard is on, once it is there. */
  atActive: LibraryItem | null;
  selectedId: number | null;
  open: boolean;
  setActive: (index: number) => void;
  choose: (index: number, item: LibraryItem) => void;
  move: (index: number) => void;
  show: () => void;
  showOther: (id: number) => void;
  /** The details of these are of no use any more. */
  forget: (ids: ReadonlySet<number>) => void;
  close: () => void;
}

export function useChosen(
  library: Library,
  file: number | null,
  phone: boolean,
  list: RefObject<HTMLElement | null>,
  inspector: RefObject<HTMLElement | null>,
): Choosing {
  const [active, setActive] = useState<number | null>(null);
  const [chosen, setChosen] = useState<Chosen | null>(file === null ? null : { index: null, id: file });
  const [open, setOpen] = useState(file !== null);
  useEffect(() => {
    if (file !== null) inspector.current?.focus();
  }, [file, inspector]);

  // Another filter or order: other rows, so the keyboard starts from the top again.
  const [rowsFor, setRowsFor] = useState(library.shown);
  if (rowsFor !== library.shown) {
    setRowsFor(library.shown);
    setActive(null);
  }
  const lastRow = (library.total ?? 0) - 1;
  if (active !== null && library.total !== null && active > lastRow) setActive(lastRow < 0 ? null : lastRow);

  // Moving onto a row that is not there yet chooses it once it is.
  const atActive = active === null ? null : library.itemAt(active);
  if (chosen !== null && chosen.index !== null && chosen.index === active && chosen.id === -1 && atActive) {
    setChosen({ index: active, id: atActive.id });
  }

  const toInspector = () => requestAnimationFrame(() => inspector.current?.focus());
  return {
    active,
    atActive,
    selectedId: chosen !== null && chosen.id !== -1 ? chosen.id : null,
    open,
    setActive,
    choose: (index, item) => {
      setActive(index);
      setChosen({ index, id: item.id });
      setOpen(true);
      if (phone) toInspector();
    },
    move: (index) => {
      setActive(index);
      setChosen({ index, id: library.itemAt(index)?.id ?? -1 });
    },
    show: () => {
      setOpen(true);
      toInspector();
    },
    showOther: (id) => {
      setChosen({ index: null, id });
      setActive(null);
    },
    forget: (ids) => setChosen((now) => (now !== null && ids.has(now.id) ? null : now)),
    close: () => {
      setOpen(false);
      requestAnimationFrame(() => list.current?.focus({ preventScroll: true }));
    },
  };
}
