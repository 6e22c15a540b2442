/** The words of the Library. */
import type { Sort } from "../../bindings/Sort";
import { bytes, plural } from "../format";

const sorts: Record<Sort, string> = {
  newest: "Newest",
  name: "Name",
  size: "Size",
  added: "Last added",
  rating: "Rating",
};

export const library = {
  title: "Library",
  searchLabel: "Search the library",
  searchPlaceholder: (all: number) =>
    all > 0 ? `Search ${plural(all, "model", "models")}, trigger words, creators` : "Search models, trigger words, creators",
  searchShort: "Search",
  clearSearch: "Clear the search",
  sort: (sort: Sort) => sorts[sort],
  sortLabel: (sort: Sort) => `Sort: ${sorts[sort]}`,
  reverse: "Reverse order",
  view: "View",
  grid: "Grid",
  list: "List",
  filters: "Filters",
  moreKinds: "More kinds",
  kindMenu: "Kind",
  baseModel: "Base model",
  stateMenu: "State",
  folderMenu: "Folder",
  tagMenu: "Tags",
  favourites: "Favourites",
  duplicates: "Duplicates",
  missing: "Missing",
  clear: "Clear filters",
  inFolder: (name: string) => `In ${name}`,
  removeFilter: (name: string) => `Remove the filter “${name}”`,
  shown: (amount: number, size: number) => `${plural(amount, "model", "models")}, ${bytes(size)}`,
  results: "Models",
  missingWord: "Missing",
  noName: "Base model unknown",
  hidden: "Blurred",
  columns: {
    name: "Name",
    kind: "Kind",
    base: "Base model",
    state: "State",
    size: "Size",
    modified: "Changed",
    folder: "Folder",
  },
  copiesShort: (amount: number) => `${amount} copies`,
  empty: {
    title: "No model files here yet",
    hint: "The folders hold nothing Modeldock recognises. Look through them again, or add another folder.",
    scanning: "Looking through your folders",
    scanningHint: "Files appear here as they are found. You can already search and open them.",
    scan: "Look again",
    folders: "Folders",
  },
  nothing: {
    title: "Nothing matches",
    hint: (search: string) =>
      search === "" ? "No model has all of these filters." : `No model matches “${search}” with these filters.`,
    clear: "Clear search and filters",
  },
};
