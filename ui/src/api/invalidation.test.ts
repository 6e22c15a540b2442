import { describe, expect, test } from "vitest";

import { commandTags } from "../bindings/commands";
import type { Download } from "../bindings/Download";
import type { JobSnapshot } from "../bindings/JobSnapshot";
import { inOrder, isStale, staleAfterCommand, staleAfterEvent, withDownloads, withOrder, withSamples, withSnapshot } from "./invalidation";

const stale = (event: Parameters<typeof staleAfterEvent>[0]) =>
  Object.keys(commandTags).filter((name) => isStale([name, {}], staleAfterEvent(event)));

describe("events", () => {
  test("a changed library makes lists, facets, details and root counts stale", () => {
    expect(stale({ event: "library_changed" })).toEqual(["roots_list", "library_list", "library_facets", "library_item", "care_show", "care_list", "discover_marks", "vault_show"]);
  });
  test("changed jobs make only the jobs stale", () => {
    expect(stale({ event: "jobs_changed" })).toEqual(["jobs_list"]);
  });
  test("progress makes nothing stale", () => {
    expect(stale({ event: "progress", job: {} as JobSnapshot })).toEqual([]);
    expect(stale({ event: "download_progress", downloads: [] })).toEqual([]);
  });
  test("changed downloads, vault and account each make their own stale", () => {
    expect(stale({ event: "downloads_changed" })).toEqual(["care_list", "discover_marks", "downloads_list"]);
    expect(stale({ event: "vault_changed" })).toEqual(["discover_marks", "vault_show"]);
    expect(stale({ event: "account_changed" })).toEqual(["account_show"]);
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

describe("downloads in the cache", () => {
  const download = (id: number, received = 0) => ({ id, received, title: `d${id}`, speed: null }) as Download;
  const sample = { id: 2, received: 5, total: 9, speed: 3, seconds_left: 1 };

  test("a sample changes its own row alone", () => {
    const before = [download(1), download(2)];
    const after = withSamples(before, [sample]);
    expect(after?.[0]).toEqual(before[0]);
    expect(after?.[1]).toMatchObject({ title: "d2", received: 5, total: 9, speed: 3, seconds_left: 1 });
  });
  test("samples of rows that are not shown change nothing", () => {
    const before = [download(1)];
    expect(withSamples(before, [sample])).toBe(before);
    expect(withSamples(undefined, [sample])).toBeUndefined();
  });
  test("newer rows stand where the older ones stood, and new ones at the end", () => {
    expect(withDownloads([download(1), download(2)], [download(3), download(1, 7)])).toEqual([download(1, 7), download(2), download(3)]);
  });
  test("a download moves before another, or to the end", () => {
    const ids = (list: Download[]) => list.map((each) => each.id);
    const list = [download(1), download(2), download(3)];
    expect(ids(withOrder(list, 3, 1))).toEqual([3, 1, 2]);
    expect(ids(withOrder(list, 1, null))).toEqual([2, 3, 1]);
    expect(ids(withOrder(list, 9, 1))).toEqual([1, 2, 3]);
  });
  test("an earlier order is put back, with newer figures and whatever came since", () => {
    const back = inOrder([download(3), download(1, 7), download(4), download(2)], [1, 2, 3]);
    expect(back).toEqual([download(1, 7), download(2), download(3), download(4)]);
  });
});
