/** The lists in their order, and what each finding is known by. Pure. */
import type { CareList } from "../../bindings/CareList";
import type { CareSummary } from "../../bindings/CareSummary";
import type { Duplicates } from "../../bindings/Duplicates";
import type { Finding } from "../../bindings/Finding";

export const allLists: readonly CareList[] = ["duplicates", "updates", "damaged", "misplaced", "unsafe", "orphans", "missing"];

/** How many are asked for at first, how many more each time, and the most. */
export const firstPage = 60;
export const mostShown = 500;

/** The list that an address names; else the first one with something on it. */
export function listOf(rest: string, summary: CareSummary | undefined): CareList {
  const named = allLists.find((list) => list === rest);
  if (named) return named;
  const filled = summary?.lists.find(({ list, count }) => count > 0 && list !== "missing") ?? summary?.lists.find(({ count }) => count > 0);
  return filled?.list ?? "duplicates";
}

export function idOf(finding: Finding): number {
  switch (finding.list) {
    case "duplicates":
      return Math.min(...finding.copies.map(({ item }) => item.id));
    case "updates":
      return finding.version_id;
    case "orphans":
      return finding.id;
    case "damaged":
    case "misplaced":
    case "unsafe":
    case "missing":
      return finding.item.id;
  }
}

/** The findings of one list. */
export function only<L extends CareList>(list: L, findings: readonly Finding[]): Extract<Finding, { list: L }>[] {
  return findings.filter((finding): finding is Extract<Finding, { list: L }> => finding.list === list);
}

/** What goes if this copy stays: never what is held. */
export function goingOf(group: Duplicates, keep: number): Duplicates["copies"] {
  return group.copies.filter(({ item, held }) => held === null && item.id !== keep);
}

/** Whether copies of one content lie in different folders of the library. */
export function isSpread(group: Duplicates): boolean {
  return new Set(group.copies.map(({ item }) => item.root_id)).size > 1;
}
