import { expect, test } from "vitest";

import { highestLevel, isBlurred } from "./item";

test("the highest level of a mask decides about the blur", () => {
  expect(highestLevel(0)).toBe(0);
  expect(highestLevel(1 | 2 | 8)).toBe(8);
  expect(isBlurred(1 | 8, 2)).toBe(true);
  expect(isBlurred(2, 2)).toBe(false);
  expect(isBlurred(32, 8)).toBe(true);
});

test("at the top nothing is blurred", () => {
  expect(isBlurred(16, 16)).toBe(false);
  expect(isBlurred(32, 16)).toBe(false);
});
