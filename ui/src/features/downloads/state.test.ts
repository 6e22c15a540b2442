import { describe, expect, test } from "vitest";

import { everyDownload, makeDownload } from "../../platform/fake-downloads";
import { can, facts, fraction, said, splitUp, sum } from "./state";

const now = Date.UTC(2026, 10, 23, 12);
const all = everyDownload(now);
const named = (id: number) => {
  const download = all.find((each) => each.id === id);
  if (!download) throw new Error(`no download ${id}`);
  return download;
};

test("the queue keeps its order, the history shows the newest first", () => {
  const { queue, history } = splitUp(all);
  expect(queue.map((each) => each.id)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(history.map((each) => each.id)).toEqual([8, 9, 10, 11, 12]);
});

test("each state has its word", () => {
  expect(all.map((each) => said(each, now, null).word)).toEqual([
    "Downloading", "Verifying", "Waiting", "Waiting", "Paused", "No room", "Outside the hours",
    "Verified", "Not verified", "Was here already", "Failed", "Cancelled",
  ]);
});

describe("what holds a download is said", () => {
  test("a full disk: how much is needed", () => {
    expect(said(named(6), now, null).hints).toEqual(["18.4 GiB must be free before it goes on."]);
    expect(said(named(6), now, null).problem?.hint).toContain("another drive");
  });
  test("the hours: when it goes on", () => {
    expect(said(named(7), now, { from: 22 * 60 + 5, to: 360 }).hints).toEqual(["Goes on by itself at 22:05."]);
  });
  test("a failure: when the next try is", () => {
    expect(said(named(4), now, null).hints).toEqual(["Next try in 4 min."]);
  });
});

test("only what was compared looks verified", () => {
  const good = all.filter((each) => each.state.state === "done" && said(each, now, null).tone === "good").map((each) => each.id);
  expect(good).toEqual([8, 10]);
  expect(said(named(9), now, null).hints[0]).toContain("nothing could be compared");
});

test("a limit of its own is told until it ends", () => {
  expect(facts(named(5))).toEqual(["122 MiB of 218 MiB", "at most 5 MiB/s"]);
  expect(facts({ ...named(8), limit: 9 })).toEqual(["218 MiB"]);
});

test("speed and time left are told only while it runs", () => {
  expect(facts(named(1))).toEqual(["9.41 GiB of 22.2 GiB", "84.3 MiB/s", "3 min left"]);
  expect(facts({ ...named(5), limit: null, speed: 9, seconds_left: 9 })).toEqual(["122 MiB of 218 MiB"]);
});

test("a bar never claims more than all", () => {
  const made = makeDownload({ id: 1, title: "x", state: { state: "running" }, received: 12, total: 10 }, now);
  expect(fraction(made)).toBe(1);
  expect(fraction({ ...made, total: null })).toBeNull();
});

test("each state allows what the engine allows", () => {
  const ids = (may: (download: (typeof all)[number]) => boolean) => all.filter(may).map((each) => each.id);
  expect(ids(can.pause)).toEqual([1, 2, 3, 4]);
  expect(ids(can.resume)).toEqual([5, 6]);
  expect(ids(can.cancel)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(ids(can.retry)).toEqual([4, 11, 12]);
  expect(can.cancel({ ...named(1), state: { state: "placing" } })).toBe(false);
});

test("a total that is not known counts as what is there", () => {
  expect(sum([{ ...named(1), received: 5, total: null, speed: null }])).toEqual({ received: 5, total: 5, speed: 0 });
});
