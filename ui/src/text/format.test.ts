import { describe, expect, test } from "vitest";

import { ago, bytes, duration, plural, relative, when } from "./format";

describe("bytes", () => {
  test.each([
    [0, "0 B"],
    [1023, "1023 B"],
    [1024, "1 KiB"],
    [1536, "1.5 KiB"],
    [229_008_998, "218 MiB"],
    [1024 ** 2 * 1023.9, "1 GiB"],
    [6_938_040_682, "6.46 GiB"],
    [1.9 * 1024 ** 4, "1.9 TiB"],
    [-1, "0 B"],
  ])("%d is %s", (value, said) => {
    expect(bytes(value)).toBe(said);
  });
});

describe("duration", () => {
  test.each([
    [0.4, "0 s"],
    [59, "59 s"],
    [60, "1 min"],
    [370, "6 min"],
    [3600, "1 h"],
    [7500, "2 h 5 min"],
    [3 * 86_400, "3 days"],
  ])("%d seconds are %s", (value, said) => {
    expect(duration(value)).toBe(said);
  });
});

describe("relative", () => {
  const now = new Date(2026, 10, 23, 12).getTime();
  const minute = 60_000;
  test.each([
    [-10_000, "just now"],
    [-5 * minute, "5 min ago"],
    [-180 * minute, "3 h ago"],
    [4 * minute, "in 4 min"],
    [20_000, "in 20 s"],
    [-50 * 60 * minute, "21 Nov"],
    [-400 * 24 * 60 * minute, "19 Oct 2025"],
  ])("%d ms from now is %s", (offset, said) => {
    expect(relative(now + offset, now)).toBe(said);
  });

  test("a day in a sentence has its preposition", () => {
    expect(when(now - 50 * 60 * minute, now)).toBe("on 21 Nov");
    expect(when(now - 5 * minute, now)).toBe("5 min ago");
  });
});

test("one is singular, and thousands are grouped", () => {
  expect(plural(1, "file", "files")).toBe("1 file");
  expect(plural(1284, "file", "files")).toBe("1,284 files");
});

test("what has happened is never put into the future", () => {
  expect(ago(20_000, 0)).toBe("just now");
});
