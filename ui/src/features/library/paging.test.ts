import { describe, expect, test } from "vitest";

import { columnsFor, moved, pagesFor, placeOf } from "./paging";

describe("pagesFor", () => {
  test("an empty list still asks for its first page", () => {
    expect(pagesFor({ start: 0, end: 0 }, 0)).toEqual([0]);
  });
  test("a screen inside one page needs that page alone", () => {
    expect(pagesFor({ start: 300, end: 320 }, 20_000)).toEqual([1]);
  });
  test("near a border the next page is fetched ahead", () => {
    expect(pagesFor({ start: 350, end: 380 }, 20_000)).toEqual([1, 2]);
    expect(pagesFor({ start: 410, end: 440 }, 20_000)).toEqual([1, 2]);
  });
  test("nothing is asked for beyond the end", () => {
    expect(pagesFor({ start: 19_980, end: 20_000 }, 20_000)).toEqual([99]);
    expect(pagesFor({ start: 190, end: 230 }, 200)).toEqual([0]);
  });
  test("a range left over from a longer list is brought back", () => {
    expect(pagesFor({ start: 19_980, end: 20_000 }, 30)).toEqual([0]);
  });
});

test("a row has one place", () => {
  expect(placeOf(0)).toEqual({ page: 0, slot: 0 });
  expect(placeOf(399)).toEqual({ page: 1, slot: 199 });
});

test("cards fill the width", () => {
  expect(columnsFor(696, 156, 14)).toEqual({ columns: 4, cardWidth: 163.5 });
  expect(columnsFor(200, 156, 14).columns).toBe(2);
});

describe("moved", () => {
  test("the first key press goes to the first item, End to the last", () => {
    expect(moved(null, "down", 10, 4, 2)).toBe(0);
    expect(moved(null, "end", 10, 4, 2)).toBe(9);
  });
  test("down into a shorter last row lands on its last item", () => {
    expect(moved(7, "down", 10, 4, 2)).toBe(9);
    expect(moved(9, "down", 10, 4, 2)).toBeNull();
  });
  test("edges hold", () => {
    expect(moved(0, "left", 10, 4, 2)).toBeNull();
    expect(moved(2, "up", 10, 4, 2)).toBeNull();
    expect(moved(9, "right", 10, 4, 2)).toBeNull();
  });
  test("pages keep the column, then go to the end", () => {
    expect(moved(1, "page-down", 100, 4, 2)).toBe(9);
    expect(moved(97, "page-down", 100, 4, 2)).toBe(99);
    expect(moved(6, "page-up", 100, 4, 2)).toBe(2);
  });
  test("a list has no sideways", () => {
    expect(moved(5, "right", 10, 1, 5)).toBeNull();
  });
  test("nothing moves in an empty list", () => {
    expect(moved(null, "down", 0, 4, 2)).toBeNull();
  });
});
