// Several models at once: what is selected, and everything that can be done to all of it.
import assert from "node:assert/strict";
import { access, readFile } from "node:fs/promises";
import { after, before, test } from "node:test";

import { bar, clean, dialog, list, rows, search, toast } from "../support/page.mjs";
import { picture, Served, until } from "../support/served.mjs";

let served;
before(async () => {
  served = await Served.withLibrary();
  await served.rpc("account_sign_in", { key: "demo-token" });
});
after(() => served?.stop());

/** What a search finds, all of it selected. */
async function selected(words = "neon") {
  const page = await served.open();
  await page.locator("#item-0").waitFor();
  await search(page).fill(words);
  const { items, total } = await served.rpc("library_list", { search: words });
  await until("what was searched", async () => (await rows(page).count()) === total);
  await list(page).focus();
  await page.keyboard.press("ControlOrMeta+a");
  await bar(page).getByText(new RegExp(`^${total} selected`)).waitFor();
  return { page, items, ids: items.map((item) => item.id) };
}
const action = (page, name) => bar(page).getByRole("button", { name, exact: true });
const choose = async (page, menu, item) => {
  await action(page, menu).click();
  await page.getByRole("menuitem", { name: item }).click();
};
const again = async (ids) => Promise.all(ids.map(async (id) => (await served.rpc("library_item", { id })).item));

test("Ctrl and Shift select with the mouse, Esc takes the selection away", async () => {
  const page = await served.open();
  await page.locator("#item-0").waitFor();
  await rows(page).nth(0).click({ modifiers: ["ControlOrMeta"] });
  await rows(page).nth(3).click({ modifiers: ["Shift"] });
  await bar(page).getByText(/^4 selected/).waitFor();
  await rows(page).nth(1).click({ modifiers: ["ControlOrMeta"] });
  await bar(page).getByText(/^3 selected/).waitFor();
  await clean(page, "some selected");
  await picture(page, "bulk-dark");
  await page.keyboard.press("Escape");
  await bar(page).waitFor({ state: "detached" });
  await page.context().close();
});

test("favourites, ratings and tags are put on all of them and taken off again", async () => {
  const { page, ids } = await selected("ink");
  await choose(page, "Favourite", "Make favourites");
  await until("favourites", async () => (await again(ids)).every((item) => item.favourite));
  await choose(page, "Rate", "4 stars");
  await until("stars", async () => (await again(ids)).every((item) => item.rating === 4));
  await action(page, "Tags…").click();
  await page.getByRole("combobox", { name: "Tag to put on" }).fill("for the wall");
  await page.keyboard.press("Enter");
  await clean(page, "tags of many");
  await dialog(page).getByRole("button", { name: "Change tags" }).click();
  await until("tags", async () => (await again(ids)).every((item) => item.tags.includes("for the wall")));
  await page.reload();
  await search(page).fill("for the wall");
  await until("found by the tag", async () => (await rows(page).count()) === ids.length);
  await list(page).focus();
  await page.keyboard.press("ControlOrMeta+a");
  await choose(page, "Favourite", "No longer favourites");
  await choose(page, "Rate", "No rating");
  await action(page, "Tags…").click();
  await page.getByRole("combobox", { name: "Tag to take off" }).fill("for the wall");
  await page.keyboard.press("Enter");
  await dialog(page).getByRole("button", { name: "Change tags" }).click();
  await until("nothing noted", async () => (await again(ids)).every((item) => !item.favourite && item.rating === 0 && item.tags.length === 0));
  await page.context().close();
});

test("words are added to all their notes, below what is noted already", async () => {
  const { page, ids } = await selected("ink");
  await served.rpc("library_mark", { ids: [ids[0]], change: { note: "mine", add_tags: [], remove_tags: [] } });
  await choose(page, "More", "Add to notes…");
  await clean(page, "notes of many");
  await dialog(page).getByRole("textbox", { name: "What to add" }).fill("for the exhibition");
  await dialog(page).getByRole("button", { name: "Add", exact: true }).click();
  await dialog(page).waitFor({ state: "detached" });
  const notes = await Promise.all(ids.map(async (id) => (await served.rpc("library_item", { id })).note));
  assert.equal(notes[0], "mine\n\nfor the exhibition");
  assert.ok(notes.slice(1).every((note) => note === "for the exhibition"), JSON.stringify(notes));
  await search(page).fill("exhibition");
  await until("found by the note", async () => (await rows(page).count()) === ids.length);
  await page.context().close();
});

test("they go into the vault, and what Civitai does not know stays out", async () => {
  const { page, items } = await selected("ink");
  await choose(page, "More", "Put into vault");
  await page.getByText(/put into the vault|there already/).first().waitFor();
  const inside = new Set((await served.rpc("vault_show")).items.map(({ item }) => item.version_id));
  for (const item of items.filter(({ state }) => state === "matched")) assert.ok(inside.has(item.version_id), item.file_name);
  await clean(page, "after putting into the vault");
  await page.context().close();
});

test("Civitai is asked again about all of them, in one request", async () => {
  const { page } = await selected("ink");
  await served.forgetRequests();
  await choose(page, "More", "Ask Civitai again");
  await page.getByText(/^Asked Civitai about \d+ models/).first().waitFor();
  assert.equal((await served.requests("by-hash/ids")).length, 1);
  await page.context().close();
});

test("they move to another folder together, and back with Undo", async () => {
  const { page, items, ids } = await selected("neon");
  await action(page, "Move…").click();
  await clean(page, "move many");
  await dialog(page).getByRole("textbox", { name: "Folder in it" }).fill("models/loras/moved together");
  await dialog(page).getByRole("button", { name: /^Move/ }).click();
  await toast(page).getByText(/^Moved/).waitFor();
  for (const item of await again(ids)) assert.match(item.path, /moved together/);
  for (const item of items) await assert.rejects(access(item.path), "nothing is left where it was");
  await toast(page).getByRole("button", { name: "Undo" }).click();
  await toast(page).getByText(/^Undone/).waitFor();
  for (const item of items) await access(item.path);
  await page.context().close();
});

test("they go to the trash after a question with count and bytes, and come back byte for byte", async () => {
  const { page, items } = await selected("gouache");
  const before = await Promise.all(items.map((item) => readFile(item.path)));
  await action(page, "Trash…").click();
  await dialog(page).getByText(/to the trash\?$/).waitFor();
  await clean(page, "trash many");
  await picture(page, "trash-dark");
  await dialog(page).getByRole("button", { name: /to trash$/ }).click();
  await toast(page).getByText(/to the trash$/).waitFor();
  for (const item of items) await assert.rejects(access(item.path));
  await page.keyboard.press("ControlOrMeta+z");
  await toast(page).getByText(/^Undone/).waitFor();
  const now = await Promise.all(items.map((item) => readFile(item.path)));
  for (const [index, bytes] of now.entries()) assert.ok(bytes.equals(before[index]), items[index].path);
  await page.context().close();
});

test("all that the search finds can be selected, whether it is in sight or not", async () => {
  const page = await served.open();
  await page.locator("#item-0").waitFor();
  const { total } = await served.rpc("library_list", {});
  await rows(page).first().click({ modifiers: ["ControlOrMeta"] });
  await bar(page).getByRole("button", { name: `Select all ${total}` }).click();
  await bar(page).getByText(new RegExp(`^${total} selected`)).waitFor();
  await bar(page).getByRole("button", { name: "Clear the selection" }).click();
  await bar(page).waitFor({ state: "detached" });
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("role")), "listbox", "the keyboard is back in the list");
  await page.context().close();
});
