// Finding models: search while one types, facets that count truthfully, order, grid and list, and searches that are kept.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { clean, details, list, row, rows, search, shown, sizes } from "../support/page.mjs";
import { picture, Served, until } from "../support/served.mjs";

let served;
before(async () => {
  served = await Served.withLibrary();
});
after(() => served?.stop());

async function opened(options) {
  const page = await served.open(options);
  await page.locator("#item-0").waitFor();
  return page;
}

test("the library and its details are worth a picture in both themes and at every width", async () => {
  for (const theme of ["dark", "light"]) {
    for (const [name, size] of Object.entries(sizes)) {
      const page = await opened({ ...size, theme });
      await picture(page, `library-${name}-${theme}`);
      await page.locator("#item-0").click();
      await details(page).getByRole("heading", { level: 2 }).waitFor();
      await picture(page, `inspector-${name}-${theme}`);
      await page.context().close();
    }
  }
});

test("search shows what matches while one types", async () => {
  const page = await opened();
  const all = await shown(page);
  await page.keyboard.press("/");
  await page.keyboard.type("porcelain");
  await until("one model", async () => (await shown(page)) === 1);
  await page.getByText("Porcelain Portrait").first().waitFor();
  await search(page).fill("nothing has this name");
  await page.getByText("Nothing matches").waitFor();
  await clean(page, "nothing matches");
  await page.getByRole("button", { name: "Clear search and filters" }).click();
  await until("all models", async () => (await shown(page)) === all);
  await search(page).fill("sumi-e");
  await row(page, "Ink and Wash").first().waitFor();
  await page.keyboard.press("Escape");
  await until("all models again", async () => (await shown(page)) === all);
  await page.context().close();
});

test("facets narrow the list and count truthfully", async () => {
  const page = await opened();
  const all = await shown(page);
  const lora = page.getByRole("button", { name: /^LoRA/ });
  const promised = Number((await lora.textContent()).match(/\d+/)[0]);
  await lora.click();
  await until("LoRAs only", async () => (await shown(page)) === promised);
  await page.getByRole("button", { name: /^Base model/ }).click();
  const item = page.getByRole("menuitemcheckbox").first();
  const fewer = Number((await item.textContent()).match(/(\d+)\D*$/)[1]);
  await item.click();
  await page.keyboard.press("Escape");
  await until("one base model", async () => (await shown(page)) === fewer);
  await clean(page, "filtered");
  await picture(page, "filtered-dark");
  await page.getByRole("button", { name: "Clear filters" }).click();
  await until("all models", async () => (await shown(page)) === all);
  await page.context().close();
});

test("every state and every folder shows as many as it promises", async () => {
  const page = await opened();
  const facets = await served.rpc("library_facets");
  for (const state of facets.states.filter(({ count }) => count > 0)) {
    assert.equal((await served.rpc("library_list", { states: [state.value] })).total, state.count, state.value);
  }
  for (const root of await served.rpc("roots_list")) {
    const folder = page.getByRole("button", { name: new RegExp(`^${root.name}`) });
    await folder.click();
    await until(root.name, async () => (await shown(page)) === root.files);
    assert.equal(await folder.getAttribute("aria-pressed"), "true");
    await folder.click();
  }
  await until("all models", async () => (await shown(page)) === facets.all);
  await page.context().close();
});

test("the list sorts by its columns and keeps what is chosen", async () => {
  const page = await opened();
  await page.getByRole("radio", { name: "List" }).click({ force: true });
  const grid = page.getByRole("grid", { name: "Models" });
  await grid.waitFor();
  const names = async () => (await grid.getByRole("row").allTextContents()).slice(1, 6);
  await grid.getByRole("columnheader", { name: /Size/ }).getByRole("button").click();
  const sizes = async () => (await served.rpc("library_list", { sort: "size", limit: 3 })).items.map((item) => item.model_name ?? item.file_name);
  const largest = await sizes();
  await until("the largest first", async () => (await names())[0]?.includes(largest[0]));
  await clean(page, "list");
  await picture(page, "list-dark");
  await page.reload();
  await page.getByRole("grid", { name: "Models" }).waitFor();
  await page.getByRole("radio", { name: "Grid" }).click({ force: true });
  await list(page).waitFor();
  await page.context().close();
});

test("a search is kept by name, taken up again, replaced, removed and put back", async () => {
  const page = await opened();
  const all = await shown(page);
  const menu = page.getByRole("button", { name: /^Saved searches/ });
  await menu.click();
  await page.getByText("Search or filter first").waitFor();
  await page.keyboard.press("Escape");
  await search(page).fill("ink");
  await page.getByRole("button", { name: /^LoRA/ }).click();
  await until("fewer", async () => (await shown(page)) < all);
  const some = await shown(page);
  await menu.click();
  await page.getByRole("menuitem", { name: "Save this search…" }).click();
  await clean(page, "save a search");
  await page.getByRole("textbox", { name: "Name" }).fill("Ink LoRAs");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Saved searches: Ink LoRAs" }).waitFor();
  assert.deepEqual((await served.rpc("views_list")).map((view) => view.name), ["Ink LoRAs"]);

  await page.reload();
  await until("everything", async () => (await shown(page)) === all);
  await menu.click();
  await page.getByRole("menuitemradio", { name: "Ink LoRAs" }).click();
  await until("the search again", async () => (await shown(page)) === some);
  assert.equal(await search(page).inputValue(), "ink");

  await page.getByRole("button", { name: /^Saved searches/ }).click();
  await page.getByRole("menuitem", { name: "Edit saved searches…" }).click();
  await page.getByRole("button", { name: "Remove “Ink LoRAs”" }).click();
  await page.getByRole("button", { name: "Put back “Ink LoRAs”" }).waitFor();
  assert.deepEqual(await served.rpc("views_list"), []);
  await clean(page, "saved searches");
  await page.getByRole("button", { name: "Put back “Ink LoRAs”" }).click();
  await until("it is there again", async () => (await served.rpc("views_list")).length === 1);
  await page.getByRole("button", { name: "Done" }).click();
  await served.rpc("view_remove", { name: "Ink LoRAs" });
  await page.context().close();
});

test("a deep link opens the model, wherever it is in the list", async () => {
  const item = await served.item("harbour_test_flux");
  const page = await served.open({ path: `/#/library/${item.id}` });
  await details(page).getByRole("heading", { level: 2 }).filter({ hasText: /harbour/i }).waitFor();
  await rows(page).first().waitFor();
  await page.context().close();
});
