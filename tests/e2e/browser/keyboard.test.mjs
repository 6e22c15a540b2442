// Whole flows without a mouse: from nothing to a library, to a tag, to the trash and back; and dialogs that keep the
// keyboard to themselves and give it back.
import assert from "node:assert/strict";
import { access } from "node:fs/promises";
import { after, before, test } from "node:test";

import { details, dialog, focused, rows, tabTo, until } from "../support/page.mjs";
import { Served } from "../support/served.mjs";

let served;
before(async () => {
  served = await Served.start();
});
after(() => served?.stop());

const press = async (page, ...keys) => {
  for (const key of keys) await page.keyboard.press(key);
};

test("from the first run to a tag, to the trash and back, by keyboard alone", async () => {
  const page = await served.open();
  await page.getByRole("checkbox", { name: /ComfyUI/ }).waitFor();
  await tabTo(page, /^button Start$/);
  await press(page, "Enter");
  await page.locator("#item-0").waitFor();
  await until("the first scan", async () => (await served.rpc("jobs_list")).every((job) => job.state === "done"));

  await press(page, "/");
  await page.keyboard.type("neon alley");
  await until("found", async () => (await rows(page).count()) === 1);
  await tabTo(page, /^listbox Models$/);
  await press(page, "Home", "Enter");
  await details(page).getByRole("heading", { level: 2, name: /Neon Alley Rain/ }).waitFor();

  await tabTo(page, /^combobox Add a tag$/);
  await page.keyboard.type("by hand");
  await press(page, "Enter");
  await until("the tag", async () => (await served.item("neon alley")).tags.includes("by hand"));
  await press(page, "Escape");
  await until("the suggestions or the details are closed", async () => !/combobox/.test(await focused(page)) || (await details(page).count()) === 1);
  if (await details(page).count()) {
    await press(page, "Escape");
    await details(page).waitFor({ state: "detached" });
  }

  const { path } = await served.item("neon alley");
  await until("the keyboard is in the list", async () => /^listbox/.test(await focused(page)));
  await press(page, "Delete");
  await dialog(page).waitFor();
  await tabTo(page, /^button Move to trash$/, 8);
  await press(page, "Enter");
  await dialog(page).waitFor({ state: "detached" });
  await until("it is in the trash", () => access(path).then(() => false, () => true));
  await press(page, "ControlOrMeta+z");
  await until("it is back", () => access(path).then(() => true, () => false));
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});

test("a dialog keeps the keyboard, closes with Esc, and gives it back to where it was", async () => {
  const page = await served.open();
  await page.locator("#item-0").waitFor();
  await tabTo(page, /^listbox Models$/);
  await press(page, "Home", "Delete");
  await dialog(page).waitFor();
  const inside = [];
  for (let step = 0; step < 8; step++) {
    await press(page, "Tab");
    // The browser's own bar may be one of the stops; the page below never is.
    inside.push(await page.evaluate(() => document.activeElement === document.body || document.activeElement.closest("dialog") !== null));
  }
  assert.ok(inside.every(Boolean), "the keyboard left the dialog");
  await press(page, "Escape");
  await dialog(page).waitFor({ state: "detached" });
  await until("the keyboard is back", async () => /^listbox Models/.test(await focused(page)));
  await page.context().close();
});

test("a menu opens at the model with the menu key, is walked with arrows, and closes with Esc", async () => {
  const page = await served.open();
  await page.locator("#item-0").waitFor();
  await tabTo(page, /^listbox Models$/);
  await press(page, "Home", "Shift+F10");
  await page.getByRole("menu").waitFor();
  await press(page, "ArrowDown");
  assert.match(await focused(page), /^menuitem/);
  await press(page, "Escape");
  await page.getByRole("menu").waitFor({ state: "detached" });
  await until("the keyboard is back", async () => /^listbox Models/.test(await focused(page)));
  await page.context().close();
});

test("several are selected and rated with keys", async () => {
  const page = await served.open();
  await page.locator("#item-0").waitFor();
  await tabTo(page, /^listbox Models$/);
  await press(page, "Home", "Space", "Shift+ArrowRight", "Shift+ArrowRight", "5");
  await until("three with five stars", async () => (await served.rpc("library_list", {})).items.filter((item) => item.rating === 5).length === 3);
  await press(page, "0");
  await until("none", async () => (await served.rpc("library_list", {})).items.every((item) => item.rating === 0));
  await page.context().close();
});

test("every place is reached with Tab and Enter, and the link over the rail leads into it", async () => {
  const page = await served.open();
  await page.locator("#item-0").waitFor();
  for (const place of ["Vault", "Downloads", "Activity", "Settings", "Library"]) {
    await tabTo(page, new RegExp(`^a ${place}`));
    await press(page, "Enter");
    await page.getByRole("main", { name: place }).waitFor();
  }
  await page.reload();
  await page.locator("#item-0").waitFor();
  await press(page, "Tab");
  assert.match(await focused(page), /^a Skip/);
  await press(page, "Enter");
  await until("in it", () => page.evaluate(() => document.activeElement?.closest("main") !== null));
  await page.context().close();
});
