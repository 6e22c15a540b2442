/** What must be known of a model to act on it: little, so that tens of thousands can be chosen. Pure. */
import type { LibraryItem } from "../../bindings/LibraryItem";
import { text } from "../../text";
import { nameOf } from "../library/item";

export interface Subject {
  id: number;
  name: string;
  size: number;
  root: number;
  missing: boolean;
  /** Whether Civitai knows it by its content, so that it can be in a vault. */
  known: boolean;
}

/** What the engine takes in one go. */
export const mostFiles = 10_000;

export function subjectOf(item: LibraryItem): Subject {
  return {
    id: item.id,
    name: nameOf(item),
    size: item.size,
    root: item.root_id,
    missing: item.missing,
    known: item.state === "matched" && item.version_id !== null,
  };
}

export const ids = (subjects: readonly Subject[]): number[] => subjects.map((subject) => subject.id);

export function bytesOf(subjects: Iterable<Subject>): number {
  let sum = 0;
  for (const subject of subjects) sum += subject.size;
  return sum;
}

/** The first few by name, the rest by number. */
export function named(subjects: readonly Subject[], most = 3): string {
  const shown = subjects.slice(0, most).map((subject) => subject.name);
  return text.fileActions.and(shown, subjects.length - shown.length);
}
