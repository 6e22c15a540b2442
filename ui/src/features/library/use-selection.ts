/** Selecting: one, from one to another, and all that match, whether the page holds their rows or not. */
import { useRef, useState } from "react";

import { usePlatform } from "../../api/client";
import type { LibraryItem } from "../../bindings/LibraryItem";
import { subjectOf } from "../files/subject";
import type { Subject } from "../files/subject";
import { page } from "./filter";
import { nothingSelected, showSame, span, withAll, withToggled } from "./selection";
import type { Selection } from "./selection";
import type { Library } from "./use-library";

/** What the engine tells in one go. */
const mostRows = 20_000;

export interface Selecting {
  selection: Selection;
  /** Rows are on their way. */
  gathering: boolean;
  error: unknown;
  toggle: (index: number, item: LibraryItem) => void;
  /** From the one that was touched last to this one. `from`: where the keyboard was before anything was touched. */
  extend: (to: number, from: number | null) => void;
  all: () => void;
  clear: () => void;
}

export function useSelection(library: Library): Selecting {
  const platform = usePlatform();
  const [selection, setSelection] = useState(nothingSelected);
  const [gathering, setGathering] = useState(false);
  const [error, setError] = useState<unknown>(null);
  /** Where a range begins, and what was selected before it. */
  const anchor = useRef<{ index: number; before: Selection } | null>(null);
  const turn = useRef(0);

  const clear = () => {
    turn.current += 1;
    anchor.current = null;
    setGathering(false);
    setError(null);
    setSelection(nothingSelected);
  };
  // What is not shown is not acted on. Another order shows the same.
  const [shown, setShown] = useState(library.shown);
  if (shown !== library.shown) {
    setShown(library.shown);
    if (!showSame(shown, library.shown)) {
      setGathering(false);
      setError(null);
      setSelection(nothingSelected);
    }
  }

  const gather = async (before: Selection, offset: number, amount: number) => {
    const mine = ++turn.current;
    setGathering(true);
    setError(null);
    try {
      const found: Subject[] = [];
      for (let done = 0; done < amount; done += mostRows) {
        const { items } = await platform.call("library_list", page(library.shown, offset + done, Math.min(mostRows, amount - done)));
        if (turn.current !== mine) return;
        found.push(...items.map(subjectOf));
      }
      setSelection(withAll(before, found));
    } catch (failure) {
      if (turn.current === mine) setError(failure);
    } finally {
      if (turn.current === mine) setGathering(false);
    }
  };

  return {
    selection,
    gathering,
    error,
    toggle: (index, item) => {
      turn.current += 1;
      setGathering(false);
      const next = withToggled(selection, subjectOf(item));
      anchor.current = { index, before: next };
      setSelection(next);
    },
    extend: (to, from) => {
      anchor.current ??= { index: from ?? to, before: selection };
      const { index, before } = anchor.current;
      const { offset, limit } = span(index, to);
      const rows = Array.from({ length: limit }, (_, at) => library.itemAt(offset + at));
      const known = rows.filter((row) => row !== null);
      if (known.length < limit) {
        void gather(before, offset, limit);
        return;
      }
      turn.current += 1;
      setGathering(false);
      setSelection(withAll(before, known.map(subjectOf)));
    },
    all: () => {
      anchor.current = null;
      void gather(nothingSelected, 0, library.total ?? 0);
    },
    clear,
  };
}
