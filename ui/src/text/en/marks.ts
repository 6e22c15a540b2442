/** The words for what the user notes of models. */
import { plural } from "../format";

export const marks = {
  title: "Yours",
  unread: "Something can be noted of this file once it has been read.",
  favourite: "Favourite",
  rating: "Rating",
  stars: (rating: number) => (rating === 0 ? "No rating" : plural(rating, "star", "stars")),
  rated: (rating: number) => `Rated ${rating} of 5`,
  tags: "Tags",
  addTag: "Add a tag",
  tagSuggestions: "Tags in use",
  removeTag: (tag: string) => `Remove the tag ${tag}`,
  tagAdded: (tag: string) => `Tag ${tag} added`,
  tagRemoved: (tag: string) => `Tag ${tag} removed`,
  note: "Note",
  notePlaceholder: "Weights that work, what it is good for…",
  noteHint: "Saved when you leave the field, or with Ctrl+Enter.",
  unsaved: "Not saved yet",
  saving: "Saving…",
  saved: "Saved",
  notSaved: "The note is not saved",
  notSavedHint: "What you wrote is kept here.",
};
