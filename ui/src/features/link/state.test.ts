import { expect, test } from "vitest";

import { askOf, everySite, sitesOf } from "../../platform/fake-link";
import { pillOf, sentences } from "./state";

const now = Date.UTC(2026, 10, 23, 12);
const links = everySite(now);
const info = (sites: ReturnType<typeof sitesOf>, requests: ReturnType<typeof askOf>[] = []) => ({ sites, requests, remove: "ask" as const });

test("there is no pill where nothing is paired and nobody asks", () => {
  expect(pillOf(undefined)).toBeNull();
  expect(pillOf(info(sitesOf()))).toBeNull();
  expect(pillOf(info(sitesOf({ com: links.removed })))).toBeNull();
});

test("of two links the pill shows the one that is less well, and says both", () => {
  expect(pillOf(info(sitesOf({ com: links.connected, red: links.offline })))).toEqual({ state: "offline", asks: 0, whole: "civitai.com: Connected, civitai.red: Offline" });
  expect(pillOf(info(sitesOf({ com: links.connected, red: links.waiting })))?.state).toBe("connected");
  expect(pillOf(info(sitesOf({ com: links.waiting }), [askOf("1")]))).toMatchObject({ state: "waiting", asks: 1 });
});

test("the next try is told only as exactly as it is known", () => {
  const [site] = sitesOf({ com: { ...links.offline, next_try: now + 9_000, since: now - 3_000, paired_at: null } });
  if (!site) throw new Error("no site");
  expect(sentences(site, now)).toEqual(["Out of reach for a moment.", "Tried again by itself within a minute."]);
  expect(sentences({ ...site, next_try: null, since: null }, now)).toEqual(["Tried again by itself."]);
  // A clock that lags.
  expect(sentences({ ...site, next_try: now - 60_000 }, now)[1]).toBe("Tried again by itself within a minute.");
});
