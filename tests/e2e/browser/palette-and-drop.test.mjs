// The palette, and what is dragged onto the page: a link, an AIR, words, files.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { clean, details, dialog, focused, row, rows, search, shown, until } from "../support/page.mjs";
import { picture, Served } from "../support/served.mjs";

let served;
before(async () => {
  served = await Served.withLibrary({ simulator: ["--anonymous-downloads"] });
});
after(() => served?.stop());

const palette = (page) => page.getByRole("dialog", { name: "Commands" });
const field = (page) => page.getByRole("combobox", { name: /^Type a command/ });

async function opened() {
  const page = await served.open();
  await page.locator("#item-0").waitFor();
  await page.keyboard.press("ControlOrMeta+k");
  await palette(page).waitFor();
  return page;
}

/** Drags something from outside over the page, and lets go of it. */
async function drop(page, { data = {}, files = [] }, whileHeld = async () => {}) {
  const transfer = await page.evaluateHandle(
    ([said, names]) => {
      const made = new DataTransfer();
      for (const [type, value] of Object.entries(said)) made.setData(type, value);
      for (const name of names) made.items.add(new File(["x"], name));
      return made;
    },
    [data, files],
  );
  await page.dispatchEvent("#main", "dragenter", { dataTransfer: transfer });
  await page.dispatchEvent("#main", "dragover", { dataTransfer: transfer });
  await whileHeld();
  await page.dispatchEvent("#main", "drop", { dataTransfer: transfer });
}

test("the palette goes to a place, opens a model, and runs what it lists", async () => {
  const page = await opened();
  await clean(page, "palette");
  await picture(page, "palette-dark");
  await field(page).fill("settings");
  await page.keyboard.press("Enter");
  await page.getByRole("main", { name: "Settings" }).waitFor();
  await page.keyboard.press("ControlOrMeta+k");
  await field(page).fill("porcelain portrait");
  await palette(page).getByRole("option", { name: /^Porcelain Portrait/ }).click();
  await details(page).getByRole("heading", { level: 2, name: /Porcelain Portrait/ }).waitFor();
  await page.keyboard.press("ControlOrMeta+k");
  await field(page).fill("theme: light");
  await page.keyboard.press("Enter");
  await until("light", () => page.evaluate(() => document.documentElement.dataset.theme === "light"));
  await served.rpc("settings_set", { ...(await served.rpc("settings_get")), theme: "system" });
  await page.context().close();
});

test("all that a word finds can be shown in the library", async () => {
  const page = await opened();
  await field(page).fill("sdxl");
  const { total } = await served.rpc("library_list", { search: "sdxl" });
  await palette(page).getByRole("option", { name: /^Show all/ }).click();
  await until("in the library", async () => (await shown(page)) === total);
  await page.context().close();
});

test("what matches nothing says so; Esc gives the keyboard back", async () => {
  const page = await served.open();
  await rows(page).first().waitFor();
  await page.getByRole("button", { name: "Commands" }).click();
  await field(page).fill("qqqqqq");
  await page.getByText("Nothing matches “qqqqqq”").waitFor();
  await clean(page, "palette, nothing");
  await page.keyboard.press("Escape");
  await palette(page).waitFor({ state: "detached" });
  assert.match(await focused(page), /^button Commands/);
  await page.context().close();
});

test("a link in the palette shows what downloading it would do", async () => {
  const page = await opened();
  const version = await served.versionOf("inkwash_v23");
  await field(page).fill(`https://civitai.com/models/1?modelVersionId=${version}`);
  await page.keyboard.press("Enter");
  await page.getByRole("main", { name: "Downloads" }).waitFor();
  await page.context().close();
});

test("the list of shortcuts opens with ? and names what the page listens to", async () => {
  const page = await served.open();
  await rows(page).first().waitFor();
  await page.keyboard.press("?");
  await dialog(page).getByRole("heading", { name: "Keyboard shortcuts" }).waitFor();
  await clean(page, "shortcuts");
  await page.keyboard.press("Escape");
  for (const [key, place] of [["v", "Vault"], ["d", "Downloads"], ["a", "Activity"], ["n", "Needs you"], ["s", "Settings"], ["l", "Library"]]) {
    await page.keyboard.press("g");
    await page.keyboard.press(key);
    await page.getByRole("main", { name: place }).waitFor();
  }
  await page.context().close();
});

test("a link and an AIR that are dropped become a plan, and nothing is fetched", async () => {
  const version = await served.versionOf("inkwash_v23");
  for (const data of [{ "text/uri-list": `https://civitai.com/models/1?modelVersionId=${version}` }, { "text/plain": `urn:air:sdxl:lora:civitai:1@${version}` }]) {
    const page = await served.open();
    await rows(page).first().waitFor();
    await drop(page, { data }, async () => {
      await page.getByText("Drop it to see what would be downloaded").waitFor();
      await clean(page, "something held over the page");
    });
    await page.getByRole("region", { name: "What would be downloaded" }).or(page.getByRole("alert")).first().waitFor();
    assert.deepEqual(await served.rpc("downloads_list"), []);
    await page.context().close();
  }
});

test("a file that is dropped is looked for by its name; words that name nothing say what can be dropped", async () => {
  const page = await served.open();
  await rows(page).first().waitFor();
  await drop(page, { files: ["neon_alley.safetensors", "nowhere.safetensors"] });
  await dialog(page).getByText("What was dropped").waitFor();
  await dialog(page).getByText("No file of this name is in the library").waitFor();
  await clean(page, "files dropped");
  await picture(page, "dropped-dark");
  await dialog(page).getByRole("button", { name: /neon_alley/ }).click();
  await details(page).getByRole("heading", { level: 2, name: /Neon Alley Rain/ }).waitFor();
  await drop(page, { data: { "text/plain": "just some words" } });
  await dialog(page).getByText("That names no model at Civitai").waitFor();
  await clean(page, "words dropped");
  await page.keyboard.press("Escape");
  await dialog(page).waitFor({ state: "detached" });
  await search(page).fill("neon alley");
  await row(page, "Neon Alley Rain").first().waitFor();
  await page.context().close();
});
