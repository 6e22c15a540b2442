import { expect, test } from "vitest";

import type { LibraryItem } from "../bindings/LibraryItem";
import { marksChange, withMarks } from "./marks";

const item = { favourite: false, rating: 2, tags: ["Film", "portrait"], has_note: true } as LibraryItem;

test("what is not named stays", () => {
  expect(withMarks(item, marksChange({}))).toEqual(item);
  expect(withMarks(item, marksChange({ favourite: true, rating: 0 }))).toEqual({ ...item, favourite: true, rating: 0 });
});

test("tags differ in more than case and stay in order", () => {
  const changed = withMarks(item, marksChange({ add_tags: ["FILM", "anime"], remove_tags: ["Portrait"] }));
  expect(changed.tags).toEqual(["anime", "Film"]);
});

test("an empty note is none", () => {
  expect(withMarks(item, marksChange({ note: " " })).has_note).toBe(false);
  expect(withMarks({ ...item, has_note: false }, marksChange({ note: "x" })).has_note).toBe(true);
});
