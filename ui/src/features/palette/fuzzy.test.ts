import { expect, test } from "vitest";

import { score } from "./fuzzy";

const best = (typed: string, titles: string[]) =>
  titles
    .map((title) => ({ title, fit: score(typed, title) }))
    .filter((each) => each.fit !== null)
    .sort((a, b) => (b.fit ?? 0) - (a.fit ?? 0))
    .map((each) => each.title);

test("a beginning is better than a word, a word better than a part, a part better than letters", () => {
  expect(best("down", ["Slow down", "Countdown", "Downloads", "Dark open windows now"])).toEqual(["Downloads", "Slow down", "Countdown", "Dark open windows now"]);
});

test("every word must fit, in any order, whatever its case and accents", () => {
  expect(score("LIGHT theme", "Theme: light")).not.toBeNull();
  expect(score("theme green", "Theme: light")).toBeNull();
  expect(score("cara", "Čára v2")).not.toBeNull();
});

test("letters with gaps fit, scattered ones do not", () => {
  expect(score("scn", "Scan all folders now")).not.toBeNull();
  expect(score("zq", "Scan all folders now")).toBeNull();
  expect(score("sw", "Scan all folders of this computer now")).toBeNull();
});

test("other words count less than the title", () => {
  expect(score("rescan", "Scan now", "refresh rescan")).toBeLessThan(score("scan", "Scan now", "refresh rescan") ?? 0);
});
