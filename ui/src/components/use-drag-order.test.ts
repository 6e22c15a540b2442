import { describe, expect, test } from "vitest";

import { placeOf } from "./use-drag-order";

describe("a dragged row goes past another at its middle", () => {
  const rows = [
    { top: 0, height: 80 },
    { top: 80, height: 120 },
    { top: 200, height: 60 },
  ];
  test.each([
    [0, 0, 0],
    [0, 59, 0],
    [0, 61, 1],
    [0, 149, 1],
    [0, 180, 2],
    [2, -59, 2],
    [2, -61, 1],
    [2, -161, 0],
    [1, 60, 2],
    [1, -80, 0],
  ])("row %d by %d px gets place %d", (from, by, to) => {
    expect(placeOf(rows, from, by)).toBe(to);
  });

  test("no row, no move", () => {
    expect(placeOf([], 3, 10)).toBe(3);
  });
});
