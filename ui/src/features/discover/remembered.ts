/**
 * What is looked for, and where in the results one is. Kept outside of the place: going elsewhere and back begins where one
 * stopped, and a model's page can change what is looked for. For as long as the page lives.
 */
import { useSyncExternalStore } from "react";

import { noFilter } from "./filter";
import type { Filter } from "./filter";

let filter: Filter = noFilter;
const listeners = new Set<() => void>();

/** Where in the results one is: it starts anew with every other search. */
export const position: { active: number | null; top: number } = { active: null, top: 0 };

export function useFilter(): Filter {
  return useSyncExternalStore(listen, () => filter);
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** A change, not a whole: a search still settling must not undo a chip clicked meanwhile. */
export function changeFilter(part: Partial<Filter>): void {
  filter = { ...filter, ...part };
  Object.assign(position, { active: null, top: 0 });
  for (const listener of listeners) listener();
}

/** The results with this asked for, and nothing else. */
export function lookOnlyFor(part: Partial<Filter>): void {
  changeFilter({ ...noFilter, ...part });
}
