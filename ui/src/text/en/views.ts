/** The words for searches that are kept. */
import { plural } from "../format";

export const views = {
  menu: "Saved",
  label: "Saved searches",
  none: "Nothing saved yet",
  save: "Save this search…",
  nothingToSave: "Search or filter first, then save it here",
  edit: "Edit saved searches…",
  title: "Save this search",
  body: "The words, filters and order as they are now.",
  name: "Name",
  placeholder: "Favourite portraits",
  replaces: (name: string) => `This replaces what is saved as “${name}”.`,
  confirm: "Save",
  saved: (name: string) => `“${name}” is saved`,
  applied: (name: string) => `Showing “${name}”`,
  editBody: "Only the saved search goes. The models stay as they are.",
  remove: (name: string) => `Remove “${name}”`,
  removed: (name: string) => `“${name}” was removed`,
  putBack: "Put back",
  putBackOne: (name: string) => `Put back “${name}”`,
  done: "Done",
  parts: (search: string, filters: number) =>
    [search === "" ? "" : `“${search}”`, filters === 0 ? "" : plural(filters, "filter", "filters")].filter(Boolean).join(", ") || "Everything",
};
