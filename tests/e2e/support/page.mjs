// What the tests look for on the page, by role and name as a person or a screen reader finds it, and what must hold
// wherever they stop.
import assert from "node:assert/strict";

import { axe, until } from "./served.mjs";

export const sizes = {
  desk: { width: 1280, height: 800 },
  small: { width: 900, height: 600 },
  phone: { width: 390, height: 844 },
  // 200 % of a window of 1280×800.
  zoomed: { width: 640, height: 400, scale: 2 },
};

export const details = (page) => page.getByRole("complementary", { name: "Details" });
export const search = (page) => page.getByRole("searchbox", { name: "Search the library" });
export const list = (page) => page.getByRole("listbox", { name: "Models" });
export const rows = (page) => list(page).getByRole("option");
export const bar = (page) => page.getByRole("region", { name: "Selected models" });
export const dialog = (page) => page.getByRole("dialog");
export const toast = (page) => page.getByRole("region", { name: "What was just done" });

/** One model's row, by the beginning of its name. */
export const row = (page, name) => list(page).getByRole("option", { name: new RegExp(`^${name.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")}`, "i") });

/** How many items the library says it shows. */
export async function shown(page) {
  const words = await page.getByText(/\b(shown|models?|files?), /).first().textContent();
  return Number(words.replaceAll(",", "").match(/\d+/)[0]);
}

/** The library with one model found and its details open. */
export async function inspect(page, words, name = words) {
  await search(page).fill(words);
  await row(page, name).first().click();
  await details(page).getByRole("heading", { level: 2 }).first().waitFor();
  return details(page);
}

/** What a browser logs by itself of an answer that was a refusal, and of a server that is gone. */
export const refusal = /^Failed to load resource: the server responded with a status of [45]/;
export const away = /^WebSocket connection to .*(ERR_CONNECTION_REFUSED|closed|HTTP Authentication failed)|^Failed to load resource: net::ERR_CONNECTION_REFUSED/;

/** Nothing for axe to object to, nothing on the console but what was to come, nothing to be scrolled to sideways. */
export async function clean(page, where, but = null) {
  assert.deepEqual(await axe(page), [], `axe, ${where}`);
  assert.deepEqual(page.complaints.filter((said) => but?.test(said) !== true), [], `console, ${where}`);
  const wide = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
  assert.ok(wide[0] <= wide[1], `${where} scrolls sideways: ${wide[0]} of ${wide[1]} px`);
}

/** Which element has the keyboard, as one would say it. */
export const focused = (page) =>
  page.evaluate(() => {
    const at = document.activeElement;
    return `${at?.getAttribute("role") ?? at?.tagName.toLowerCase()} ${at?.getAttribute("aria-label") ?? at?.textContent?.trim().slice(0, 60) ?? ""}`.trim();
  });

/** Tabs until the keyboard is at something, as somebody would. */
export async function tabTo(page, wanted, most = 80) {
  for (let step = 0; step < most; step++) {
    if (wanted.test(await focused(page))) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab does not come to ${wanted}; at the end it was at: ${await focused(page)}`);
}

export { until };
