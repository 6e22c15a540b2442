// What wants looking after: found, done and undone on the disk.
import assert from "node:assert/strict";
import { access, copyFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";

import { clean, dialog, toast, until } from "../support/page.mjs";
import { picture, Served } from "../support/served.mjs";

let served;
before(async () => {
  served = await Served.withLibrary();
});
after(() => served?.stop());

const lists = (page) => page.getByRole("navigation", { name: "Lists" });

test("a copy is found, thrown away, and brought back by Undo; each time the list is true again", async () => {
  const item = await served.item("neon alley");
  const copy = join(dirname(item.path), "a copy of it.safetensors");
  await copyFile(item.path, copy);
  await served.scan();
  const page = await served.open({ path: "/#/care/duplicates" });
  const group = page.getByRole("main", { name: "Care" });
  await group.getByText("a copy of it.safetensors").first().waitFor();
  await clean(page, "duplicates");
  await picture(page, "care-duplicates-dark");
  // Which one stays is chosen.
  await group.getByRole("radio", { name: /neon_alley\.safetensors/ }).check();
  await group.getByRole("button", { name: /^Trash all others/ }).click();
  await clean(page, "the question");
  await dialog(page).getByRole("button", { name: /^Move .*to trash$/ }).click();
  // The whole list is gone with them.
  await group.getByText("Everything is in order").waitFor();
  await toast(page).getByRole("button", { name: "Undo" }).waitFor();
  await assert.rejects(access(copy), "it is in the trash");
  await access(item.path);
  await until("the list has let go of it", async () => (await group.getByText("a copy of it.safetensors").count()) === 0);
  await toast(page).getByRole("button", { name: "Undo" }).click();
  await group.getByText("a copy of it.safetensors").first().waitFor();
  await access(copy);
  await page.context().close();
});

test("every list can be looked at, and says what it is about where it is empty", async () => {
  const page = await served.open({ path: "/#/care" });
  await lists(page).getByRole("link").first().waitFor();
  const links = await lists(page).getByRole("link").all();
  assert.equal(links.length, 7);
  for (const link of links) {
    const name = await link.textContent();
    await link.click();
    await until(`${name} is current`, async () => (await link.getAttribute("aria-current")) === "true");
    await page.getByRole("main", { name: "Care" }).getByRole("heading", { level: 2 }).first().waitFor();
    await clean(page, `care, ${name}`);
  }
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});
