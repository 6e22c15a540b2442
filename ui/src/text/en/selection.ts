/** The words for models that were selected, and what is done to all of them. */
import { bytes, count, plural } from "../format";

const models = (amount: number) => plural(amount, "model", "models");
const them = (amount: number) => (amount === 1 ? "it" : "them");

export const selection = {
  bar: "Selected models",
  pick: "Select",
  selected: (amount: number, size: number) => `${count(amount)} selected, ${bytes(size)}`,
  all: (total: number) => `Select all ${count(total)}`,
  gathering: "Selecting…",
  clear: "Clear the selection",
  actions: "What to do with them",
  favourite: "Favourite",
  makeFavourite: "Make favourites",
  noFavourite: "No longer favourites",
  rate: "Rate",
  tag: "Tags…",
  tagTitle: (amount: number) => `Tags of ${models(amount)}`,
  tagBody: "Tags that are not named here stay as they are.",
  putOn: "Put on",
  takeOff: "Take off",
  addTag: "Tag to put on",
  removeTag: "Tag to take off",
  tagConfirm: "Change tags",
  note: "Add to notes…",
  noteTitle: (amount: number) => `Add to the notes of ${models(amount)}`,
  noteBody: "It goes below what is noted of each of them already.",
  noteLabel: "What to add",
  noteConfirm: "Add",
  reveal: "Show in folders",
  revealMost: (most: number) => `Select at most ${count(most)} to show them in their folders`,
  move: "Move…",
  more: "More",
  identify: "Ask Civitai again",
  lookUpOff: "Look-up is off in Settings, so Civitai is not asked",
  vault: "Put into vault",
  vaultNone: "Civitai knows none of them, so none can be in the vault",
  vaultSignedOut: "Sign in under Settings to use the vault",
  trash: "Trash…",
  busy: "Working…",
  noted: (amount: number) => `Noted for ${models(amount)}`,
  unread: (amount: number, names: string) =>
    `${amount === 1 ? "One has" : `${count(amount)} have`} not been read yet, so nothing can be noted of ${them(amount)}: ${names}`,
  asked: (asked: number, matched: number, unknown: number, pending: number) =>
    [`Asked Civitai about ${models(asked)}`, `${count(matched)} known`, `${count(unknown)} not known`, pending > 0 ? `${count(pending)} without an answer yet` : ""]
      .filter(Boolean)
      .join(", "),
  inVault: (changed: number, already: number) =>
    [changed > 0 || already === 0 ? `${models(changed)} put into the vault` : "", already > 0 ? `${count(already)} ${already === 1 ? "was" : "were"} there already` : ""].filter(Boolean).join(", "),
};
