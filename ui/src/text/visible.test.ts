import { expect, test } from "vitest";

import { visible } from "./visible";

test("what turns the order round or takes no room is shown by its number", () => {
  expect(visible("ink\u202Esrosnetefas.ckpt")).toBe("ink[U+202E]srosnetefas.ckpt");
  expect(visible("in\u200Bk\uFEFF.pt")).toBe("in[U+200B]k[U+FEFF].pt");
  expect(visible("\u2066a\u2069")).toBe("[U+2066]a[U+2069]");
  expect(visible("a\nb\u0007")).toBe("a[U+000A]b[U+0007]");
  expect(visible("ad\u200Dmin")).toBe("ad[U+200D]min");
});

test("names in any script, and emoji, stay as they are", () => {
  for (const name of ["水墨画 v2", "حبر", "می‌خواهم", "क्‍ष", "👩‍🎨 style", "Čára"]) expect(visible(name)).toBe(name);
});

test("a very long name is read once", () => {
  const start = performance.now();
  expect(visible("a\u200D".repeat(200_000)).length).toBe(200_000 * 9);
  expect(performance.now() - start).toBeLessThan(2_000);
});
