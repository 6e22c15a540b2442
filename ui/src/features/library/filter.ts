/** What the person asked to see: search, facets, order. */
import type { ItemState } from "../../bindings/ItemState";
import type { LibraryQuery } from "../../bindings/LibraryQuery";
import type { Sort } from "../../bindings/Sort";

export type Filter = Omit<LibraryQuery, "offset" | "limit">;
export type View = "grid" | "list";

export const noFilter: Filter = {
  search: "",
  kinds: [],
  base_models: [],
  roots: [],
  states: [],
  duplicates: false,
  missing: false,
  tags: [],
  favourites: false,
  sort: "newest",
  reverse: false,
};

/** Nothing asked for, whatever the order. */
export function isUnfiltered(filter: Filter): boolean {
  return filter.search === "" && activeFacets(filter) === 0;
}

export function activeFacets(filter: Filter): number {
  return (
    filter.kinds.length +
    filter.base_models.length +
    filter.roots.length +
    filter.states.length +
    Number(filter.duplicates) +
    Number(filter.missing) +
    filter.tags.length +
    Number(filter.favourites)
  );
}

export function cleared(filter: Filter): Filter {
  return { ...noFilter, sort: filter.sort, reverse: filter.reverse };
}

export function page(filter: Filter, offset: number, limit: number): LibraryQuery {
  return { ...filter, offset, limit };
}

/** What a kept search asked for. */
export function filterOf(query: LibraryQuery): Filter {
  const keys = Object.keys(noFilter) as (keyof Filter)[];
  return Object.fromEntries(keys.map((key) => [key, query[key]])) as Filter;
}

/** Whether both show the same, in the same order; in which order facets were chosen does not matter. */
export function isSame(one: Filter, other: Filter): boolean {
  return (Object.keys(noFilter) as (keyof Filter)[]).every((key) => plain(one[key]) === plain(other[key]));
}

function plain(value: unknown): string {
  return JSON.stringify(Array.isArray(value) ? [...(value as unknown[])].map(String).sort() : value);
}

/** The facets do not depend on the order. */
export function facetQuery(filter: Filter): LibraryQuery {
  return { ...filter, sort: "newest", reverse: false, offset: 0, limit: 0 };
}

export function toggled<T>(list: readonly T[], value: T): T[] {
  return list.includes(value) ? list.filter((other) => other !== value) : [...list, value];
}

export const allStates: ItemState[] = ["matched", "probable", "not_found", "pending", "failed"];
export const allSorts: Sort[] = ["newest", "added", "name", "size", "rating"];

/** A click on a column's head: its natural order first, then the other way round. */
export function sortedBy(filter: Filter, sort: Sort): Filter {
  return filter.sort === sort ? { ...filter, reverse: !filter.reverse } : { ...filter, sort, reverse: false };
}

/** Names rise by nature, everything else falls. */
export function sortDirection(filter: Filter, sort: Sort): "ascending" | "descending" | "none" {
  if (filter.sort !== sort) return "none";
  return (sort === "name") !== filter.reverse ? "ascending" : "descending";
}
