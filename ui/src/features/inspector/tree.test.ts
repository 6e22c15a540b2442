import { expect, test } from "vitest";

import { asText, childrenOf, holds, looksLikeTree, parsed } from "./tree";

test("only whole JSON with something in it is a tree", () => {
  expect(parsed('{"a": [1, 2]}')).toEqual({ a: [1, 2] });
  for (const value of ["sdxl", "32", "{}", '{"cut": [1, 2', "[object Object]", '"text"', "null"]) expect(childrenOf(parsed(value) ?? null), value).toEqual([]);
  expect(looksLikeTree(`{"a":"${"x".repeat(5_000_000)}"}`)).toBe(false);
});

test("tags stand with the most frequent first, lists in their order", () => {
  expect(childrenOf({ mist: 97, inkwash: 412 })).toEqual([["inkwash", 412], ["mist", 97]]);
  expect(childrenOf(["b", "a"])).toEqual([["0", "b"], ["1", "a"]]);
});

test("what is sought is found in keys and values, however deep", () => {
  const node = { "10_ink": { Mountain: 3 }, other: ["Lake"] };
  expect(holds("x", node, "mountain")).toBe(true);
  expect(holds("x", node, "lake")).toBe(true);
  expect(holds("x", node, "sea")).toBe(false);
});

test("names that mean something to JavaScript are names", () => {
  expect(childrenOf(parsed('{"__proto__": {"polluted": 1}, "constructor": 2}') ?? null).map(([key]) => key)).toEqual(["__proto__", "constructor"]);
  expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
});

test("a value that nests without end is neither followed nor a crash", () => {
  const node = parsed("[".repeat(500_000) + "]".repeat(500_000));
  expect(holds("x", node, "y")).toBe(false);
  expect(typeof asText(node)).toBe("string");
});
