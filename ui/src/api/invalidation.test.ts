import { describe, expect, test } from "vitest";

import { commandTags } from "../bindings/commands";
import type { JobSnapshot } from "../bindings/JobSnapshot";
import { isStale, staleAfterCommand, staleAfterEvent, withSnapshot } from "./invalidation";

const stale = (event: Parameters<typeof staleAfterEvent>[0]) =>
  Object.keys(commandTags).filter((name) => isStale([name, {}], staleAfterEvent(event)));

describe("events", () => {
  test("a changed library makes lists, facets, details and root counts stale", () => {
    expect(stale({ event: "library_changed" })).toEqual(["roots_list", "library_list", "library_facets", "library_item"]);
  });
  test("changed jobs make only the jobs stale", () => {
    expect(stale({ event: "jobs_changed" })).toEqual(["jobs_list"]);
  });
  test("progress makes nothing stale", () => {
    expect(stale({ event: "progress", job: {} as JobSnapshot })).toEqual([]);
  });
  test("a resync makes everything stale", () => {
    expect(stale({ event: "resync" })).toEqual(Object.keys(commandTags));
  });
});

test("a command's own table says what it makes stale", () => {
  expect(staleAfterCommand("roots_remove")).toEqual(["roots", "library"]);
  expect(isStale(["settings_get", {}], staleAfterCommand("settings_set"))).toBe(true);
});

test("a key that is no command is left alone", () => {
  expect(isStale(["something else"], "all")).toBe(false);
});

test("a snapshot takes the place of the older one", () => {
  const job = (id: number, files_hashed: number) => ({ id, files_hashed }) as JobSnapshot;
  expect(withSnapshot([job(1, 0), job(2, 0)], job(2, 9))).toEqual([job(2, 9), job(1, 0)]);
  expect(withSnapshot(undefined, job(1, 1))).toEqual([job(1, 1)]);
});
