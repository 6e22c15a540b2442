/** What stands in a file's header, as a tree. Pure. A value is only read as JSON where somebody looks into it. */

export type Node = string | number | boolean | null | readonly Node[] | Named;
export interface Named { readonly [key: string]: Node }

// Larger ones are shown as they are: reading them would be felt.
const mostParsed = 4_000_000;

/** Whether it is worth offering to look into. */
export function looksLikeTree(value: string): boolean {
  return value.length > 2 && value.length <= mostParsed && /^\s*[[{]/.test(value);
}

export function parsed(value: string): Node | null {
  if (!looksLikeTree(value)) return null;
  try {
    const node = JSON.parse(value) as Node;
    return isBranch(node) ? node : null;
  } catch {
    // Some tools cut long values short, or write what only looks like JSON.
    return null;
  }
}

export function isBranch(node: Node): node is readonly Node[] | Named {
  return typeof node === "object" && node !== null;
}

/** Its children; where they are all numbers, as of tags, the most first. */
export function childrenOf(node: Node): [string, Node][] {
  if (!isBranch(node)) return [];
  const children = Object.entries(node);
  if (Array.isArray(node) || !children.every((each): each is [string, number] => typeof each[1] === "number")) return children;
  return children.sort((a, b) => b[1] - a[1]);
}

// A hostile file may nest without end.
const deepest = 60;

/** Whether a key or a value in it has these letters. */
export function holds(key: string, node: Node, sought: string, depth = 0): boolean {
  if (sought === "" || key.toLowerCase().includes(sought)) return true;
  if (!isBranch(node)) return String(node).toLowerCase().includes(sought);
  return depth < deepest && Object.entries(node).some(([name, child]) => holds(name, child, sought, depth + 1));
}

export function asText(node: Node): string {
  if (typeof node === "string") return node;
  try {
    return JSON.stringify(node);
  } catch {
    // Nested deeper than can be written out.
    return "…";
  }
}
