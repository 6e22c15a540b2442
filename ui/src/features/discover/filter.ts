/** What is looked for in the catalogue, and the request that comes to it. Pure. */
import type { CatalogueSort } from "../../bindings/CatalogueSort";
import type { DiscoverSearch } from "../../bindings/DiscoverSearch";
import type { Period } from "../../bindings/Period";
import { referenceIn } from "../downloads/reference";

export interface Filter {
  text: string;
  kinds: readonly string[];
  base_models: readonly string[];
  tag: string | null;
  creator: string | null;
  sort: CatalogueSort;
  period: Period;
  /** Also what is above the content level of the settings. */
  all: boolean;
}

export const noFilter: Filter = {
  text: "", kinds: [], base_models: [], tag: null, creator: null, sort: "most_downloaded", period: "all_time", all: false,
};

export const allSorts: readonly CatalogueSort[] = ["most_downloaded", "highest_rated", "most_liked", "most_discussed", "most_collected", "newest"];
export const allPeriods: readonly Period[] = ["all_time", "year", "month", "week", "day"];

export function searchFor(filter: Filter): DiscoverSearch {
  return {
    text: filter.text,
    kinds: [...filter.kinds],
    base_models: [...filter.base_models],
    ...(filter.tag === null ? {} : { tag: filter.tag }),
    ...(filter.creator === null ? {} : { creator: filter.creator }),
    sort: filter.sort,
    period: filter.period,
    content: filter.all ? "all" : "within",
    limit: 0,
  };
}

/** How many filters are on; words and order are none. */
export function filtersOn(filter: Filter): number {
  return filter.kinds.length + filter.base_models.length + (filter.tag === null ? 0 : 1) + (filter.creator === null ? 0 : 1) + (filter.all ? 1 : 0);
}

/** Without filters; words and order stay. */
export function cleared(filter: Filter): Filter {
  return { ...noFilter, text: filter.text, sort: filter.sort, period: filter.period };
}

export function toggled<T>(list: readonly T[], value: T): T[] {
  return list.includes(value) ? list.filter((each) => each !== value) : [...list, value];
}

/** What was typed, if it can only mean one model: the engine says which. A bare number may be a word as well. */
export function addressIn(text: string): string | null {
  const said = text.trim();
  if (/^\d+$/.test(said)) return null;
  if (/^https?:\/\/\S+$/i.test(said) || /^urn:air:\S+$/i.test(said)) return said;
  return referenceIn(said);
}

/** A number that could be a version's. */
export function numberIn(text: string): string | null {
  return /^[1-9]\d{3,14}$/.test(text.trim()) ? text.trim() : null;
}

/** `123` and `123/456`: a model, and one of its versions. */
export function openedAt(rest: string): { model: number; version: number | null } | null {
  const found = /^([1-9]\d{0,14})(?:\/([1-9]\d{0,14}))?$/.exec(rest);
  if (found === null) return null;
  return { model: Number(found[1]), version: found[2] === undefined ? null : Number(found[2]) };
}

export function addressOf(model: number, version: number | null): string {
  return version === null ? `discover/${model}` : `discover/${model}/${version}`;
}
