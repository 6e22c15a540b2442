/** The words for what is done to files. */
import type { What } from "../../bindings/What";
import { bytes, count, plural } from "../format";

const models = (amount: number) => plural(amount, "model", "models");
const oneOr = (amount: number, name: string) => (amount === 1 ? `“${name}”` : models(amount));

const did: Record<What, (subject: string) => string> = {
  rename: (subject) => `Renamed ${subject}`,
  move: (subject) => `Moved ${subject}`,
  trash: (subject) => `Moved ${subject} to the trash`,
};

export const fileActions = {
  menu: (name: string) => `Actions for ${name}`,
  menuMany: (amount: number) => `Actions for ${models(amount)}`,
  open: "Show details",
  select: "Select",
  deselect: "Take out of the selection",
  rename: "Rename…",
  move: "Move…",
  reveal: "Reveal",
  copyPath: "Copy path",
  pathCopied: "Copied the path",
  trash: "Move to trash…",
  notHere: "Not on disk, so nothing can be done to it",
  inTrash: (amount: number, name: string) => `Move ${oneOr(amount, name)} to the trash?`,
  trashBody: (amount: number, size: number) =>
    `${models(amount)}, ${bytes(size)}, with the previews and other files beside ${amount === 1 ? "it" : "them"}. Activity lists what was moved.`,
  trashConfirm: (amount: number) => (amount === 1 ? "Move to trash" : `Move ${count(amount)} to trash`),
  moveTitle: (amount: number, name: string) => `Move ${oneOr(amount, name)}`,
  moveBody: (amount: number, size: number) => `${models(amount)}, ${bytes(size)}, with everything beside ${amount === 1 ? "it" : "them"}, to a folder on the same drive.`,
  moveConfirm: (amount: number) => (amount === 1 ? "Move" : `Move ${models(amount)}`),
  root: "To",
  folder: "Folder in it",
  folderHint: "Left empty, each goes where that UI looks for such models.",
  folderPlaceholder: "models/loras/characters",
  renameTitle: "Rename",
  renameBody: "Everything beside it gets the new name too.",
  name: "Name",
  renameConfirm: "Rename",
  away: (amount: number, names: string) => `${amount === 1 ? "One is" : `${count(amount)} are`} not on disk and will be left out: ${names}`,
  noneHere: "None of them is on disk at the moment.",
  tooMany: (most: number) => `At most ${count(most)} at once. Choose fewer.`,
  and: (names: readonly string[], more: number) => `${names.join(", ")}${more > 0 ? ` and ${count(more)} more` : ""}`,
  busy: "Working…",
  // Files that are no models are told as the engine names them: “2 files”.
  done: (what: What, amount: number, title: string) => did[what](amount === 0 ? title : amount === 1 ? `“${title}”` : models(amount)),
  notAll: "Not everything went well",
  undo: "Undo",
  undoHint: "Undo (Ctrl+Z)",
  undoing: "Undoing…",
  undone: (title: string) => `Undone: ${title}`,
  notUndone: "It could not be undone",
  toast: "What was just done",
};
