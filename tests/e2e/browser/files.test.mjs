// What is done to single files, and the way back: rename, move, trash; on the disk, with everything that lies beside.
import assert from "node:assert/strict";
import { access, readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";

import { clean, details, dialog, inspect, refusal, toast } from "../support/page.mjs";
import { picture, Served, until } from "../support/served.mjs";

let served;
before(async () => {
  served = await Served.withLibrary();
});
after(() => served?.stop());

async function menu(page, panel, item) {
  await panel.getByRole("button", { name: /^Actions for/ }).click();
  await page.getByRole("menuitem", { name: item }).click();
}

test("a file is renamed with what lies beside it; what is refused is told at the field; Undo gives the name back", async () => {
  const item = (await served.rpc("library_list", { search: "paper_diorama" })).items.find((each) => each.file_name === "paper_diorama.safetensors");
  const picture_ = join(dirname(item.path), "paper_diorama.png");
  const before = { bytes: await readFile(item.path), at: (await stat(item.path)).mtimeMs };
  const page = await served.open({ path: `/#/library/${item.id}` });
  const panel = details(page);
  await menu(page, panel, "Rename…");
  const field = dialog(page).getByRole("textbox", { name: "Name" });
  await clean(page, "rename");
  await field.fill("../somewhere else");
  await field.press("Enter");
  await dialog(page).getByRole("alert").waitFor();
  await clean(page, "rename refused", refusal);
  await field.fill("diorama of paper");
  await field.press("Enter");
  await toast(page).getByText(/^Renamed/).waitFor();
  await access(join(dirname(item.path), "diorama of paper.safetensors"));
  await access(join(dirname(item.path), "diorama of paper.png"));
  await assert.rejects(access(picture_), "the picture went along");
  await toast(page).getByRole("button", { name: "Undo" }).click();
  await toast(page).getByText(/^Undone/).waitFor();
  assert.ok((await readFile(item.path)).equals(before.bytes));
  assert.equal((await stat(item.path)).mtimeMs, before.at);
  await access(picture_);
  await page.context().close();
});

test("a file moves to where the other UI looks for it, and back from Activity", async () => {
  const item = await served.item("copper");
  const page = await served.open();
  const panel = await inspect(page, "copper", "Copper Etching");
  await menu(page, panel, "Move…");
  const roots = await served.rpc("roots_list");
  await dialog(page).getByRole("combobox", { name: "To" }).selectOption({ label: roots.find((root) => root.layout === "a1111").name });
  await clean(page, "move");
  await dialog(page).getByRole("button", { name: "Move", exact: true }).click();
  await toast(page).getByText(/^Moved/).waitFor();
  assert.match((await served.item("copper")).path, /stable-diffusion-webui\/models\/Lora\//);
  await page.goto(new URL("/#/activity", served.link).href);
  await page.getByRole("button", { name: /^Undo: .*moved$/ }).click();
  await page.getByRole("button", { name: /^Undo: .*moved$/ }).waitFor({ state: "detached" });
  await access(item.path);
  await until("the library knows", async () => (await served.rpc("library_list", { search: "copper" })).items[0]?.path === item.path);
  await clean(page, "activity");
  await picture(page, "activity-dark");
  await page.context().close();
});

test("the trash keeps bytes, time, picture, note and tags, also when the server starts anew before the way back", async () => {
  const item = await served.item("velvetNoir");
  await served.rpc("library_mark", { ids: [item.id], change: { note: "the good one", add_tags: ["dark"], remove_tags: [] } });
  const beside = item.path.replace(/safetensors$/, "civitai.info");
  const before = { bytes: await readFile(item.path), at: (await stat(item.path)).mtimeMs, beside: await readFile(beside) };
  const page = await served.open({ path: `/#/library/${item.id}` });
  await menu(page, details(page), "Move to trash…");
  await dialog(page).getByRole("button", { name: "Move to trash" }).click();
  await toast(page).getByText(/to the trash$/).waitFor();
  await details(page).waitFor({ state: "detached" });
  await assert.rejects(access(item.path));
  await assert.rejects(access(beside));
  const host = served.link.host;
  await served.stopServing();
  await served.serve(host);
  await page.goto(served.link.href);
  await page.goto(new URL("/#/activity", served.link).href);
  await page.getByRole("button", { name: /^Undo: .*trash$/ }).click();
  await page.getByRole("button", { name: /^Undo: .*trash$/ }).waitFor({ state: "detached" });
  assert.ok((await readFile(item.path)).equals(before.bytes));
  assert.ok((await readFile(beside)).equals(before.beside));
  assert.equal((await stat(item.path)).mtimeMs, before.at);
  const again = await until("it is in the library again", async () => (await served.rpc("library_list", { search: "velvetNoir" })).items[0]);
  const { note, item: shown } = await served.rpc("library_item", { id: again.id });
  assert.deepEqual([note, shown.tags], ["the good one", ["dark"]]);
  await page.context().close();
});
