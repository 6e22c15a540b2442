/** Which models are selected. Pure; small facts by number, so that all of a large library can be. */
import type { Subject } from "../files/subject";
import { isSame } from "./filter";
import type { Filter } from "./filter";

export type Selection = ReadonlyMap<number, Subject>;

export const nothingSelected: Selection = new Map();

export function withToggled(selection: Selection, subject: Subject): Selection {
  const next = new Map(selection);
  if (!next.delete(subject.id)) next.set(subject.id, subject);
  return next;
}

export function withAll(selection: Selection, subjects: Iterable<Subject>): Selection {
  const next = new Map(selection);
  for (const subject of subjects) next.set(subject.id, subject);
  return next;
}

/** The rows from one to another, whichever comes first. */
export function span(from: number, to: number): { offset: number; limit: number } {
  return { offset: Math.min(from, to), limit: Math.abs(to - from) + 1 };
}

/** Whether both show the same models, in whatever order. */
export function showSame(one: Filter, other: Filter): boolean {
  const order = { sort: "newest", reverse: false } as const;
  return isSame({ ...one, ...order }, { ...other, ...order });
}

