// One model in detail: previews, trigger words, hashes and where they are from, the header as a tree, notes and tags.
import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { clean, focused, inspect, refusal, row, search } from "../support/page.mjs";
import { picture, safetensors, Served, until } from "../support/served.mjs";

let served;
before(async () => {
  served = await Served.withLibrary();
});
after(() => served?.stop());

const clipboard = (page) => page.evaluate(() => navigator.clipboard.readText());

test("what is known is told, with where it is from, and copied", async () => {
  const page = await served.open();
  const panel = await inspect(page, "ink and wash");
  await panel.getByText(/Verified, read in full/).waitFor();
  await panel.getByText(/urn:air:/).waitFor();
  const item = (await served.rpc("library_list", { search: "ink and wash" })).items[0];
  await panel.getByRole("button", { name: /Copy all/ }).click();
  await until("all words", async () => (await clipboard(page)) === item.trained_words.join(", "));
  await panel.getByRole("button", { name: `Copy “${item.trained_words[1]}”` }).click();
  await until("one word", async () => (await clipboard(page)) === item.trained_words[1]);
  await panel.getByRole("button", { name: /^Copy <lora:/ }).click();
  await until("as it is called", async () => /^<lora:.+:[\d.]+>$/.test(await clipboard(page)));
  const cover = panel.locator("img").first();
  await until("the preview is shown", () => cover.evaluate((image) => image.complete && image.naturalWidth > 0));
  assert.match(await cover.getAttribute("src"), /^\/preview\//, "and comes from Modeldock itself");
  await clean(page, "inspector");
  await page.context().close();
});

test("previews fill the window, go on with the arrows, and give the keyboard back", async () => {
  const page = await served.open();
  const panel = await inspect(page, "ink and wash");
  await panel.getByRole("button", { name: "Enlarge the preview" }).click();
  const viewer = page.getByRole("dialog", { name: /^Preview of/ });
  await viewer.waitFor();
  await clean(page, "viewer");
  const told = async () => (await viewer.getByRole("status").textContent()).trim();
  const [, first, all] = /(\d+) of (\d+)/.exec(await told()).map(Number);
  assert.equal(first, 1);
  if (all > 1) {
    await page.keyboard.press("ArrowRight");
    await until("the next", async () => (await told()) === `Preview 2 of ${all}`);
  }
  await page.keyboard.press("+");
  await viewer.getByText("150 %").waitFor();
  await page.keyboard.press("0");
  await viewer.getByText("100 %").waitFor();
  await page.keyboard.press("Escape");
  await viewer.waitFor({ state: "detached" });
  assert.match(await focused(page), /Enlarge the preview/);
  await page.context().close();
});

test("the header is a tree that is searched, folded and unfolded", async () => {
  const page = await served.open();
  const panel = await inspect(page, "my_cat_biscuit");
  const header = panel.locator("details").last();
  await header.locator("summary").click();
  await header.getByText("ss_output_name").waitFor();
  const field = header.getByRole("textbox");
  if (await field.count()) {
    await field.fill("my subject");
    await header.getByText(/my subject/).first().waitFor();
  }
  await clean(page, "header");
  await picture(page, "header-dark");
  await page.context().close();
});

test("notes, tags, stars and the heart survive a reload, a move and a server that starts anew", async () => {
  const page = await served.open();
  const panel = await inspect(page, "neon alley", "Neon Alley Rain");
  await panel.getByRole("button", { name: "Favourite" }).click();
  await panel.getByRole("radio", { name: "4 stars" }).click({ force: true });
  const tag = panel.getByRole("combobox", { name: "Add a tag" });
  await tag.fill("night");
  await tag.press("Enter");
  await panel.getByRole("button", { name: "Remove the tag night" }).waitFor();
  const note = panel.getByRole("textbox", { name: "Note" });
  await note.fill("0.7 is enough.\nToo blue above.");
  await note.press("ControlOrMeta+Enter");
  await panel.getByText("Saved", { exact: true }).waitFor();
  const { id } = await served.item("neon alley");
  await served.rpc("file_rename", { id, name: "neon_alley_renamed" });
  const host = served.link.host;
  await served.stopServing();
  await served.serve(host);
  await page.goto(served.link.href);
  const again = await inspect(page, "neon alley", "Neon Alley Rain");
  assert.equal(await again.getByRole("button", { name: "Favourite" }).getAttribute("aria-pressed"), "true");
  assert.ok(await again.getByRole("radio", { name: "4 stars" }).isChecked());
  await again.getByRole("button", { name: "Remove the tag night" }).waitFor();
  await until("the note", async () => (await again.getByRole("textbox", { name: "Note" }).inputValue()) === "0.7 is enough.\nToo blue above.");
  await page.context().close();
});

test("what is typed into a note is kept when another model is opened at once", async () => {
  const page = await served.open();
  const panel = await inspect(page, "porcelain", "Porcelain Portrait");
  await panel.getByRole("textbox", { name: "Note" }).fill("half a thought");
  await search(page).fill("copper");
  await row(page, "Copper Etching").first().click();
  const item = await served.item("porcelain");
  await until("it is saved", async () => (await served.rpc("library_item", { id: item.id })).note === "half a thought");
  await page.context().close();
});

test("a file Civitai could not be asked about waits, says so, and is found later", async () => {
  const a1111 = (await served.rpc("roots_list")).find((root) => root.layout === "a1111");
  await mkdir(join(a1111.path, "models/Lora/new"), { recursive: true });
  await served.faults({ endpoint: "by-hash/ids", action: { do: "status", status: 500 } });
  await writeFile(join(a1111.path, "models/Lora/new/just trained.safetensors"), safetensors({ ss_output_name: "just trained" }));
  const page = await served.open();
  await until("it waits", async () => (await served.rpc("library_list", { search: "just trained" })).items[0]?.problem?.message);
  const panel = await inspect(page, "just trained");
  await panel.getByText(/Waiting/).first().waitFor();
  await picture(page, "waiting-dark");
  await clean(page, "waiting");
  await served.faults();
  await panel.getByRole("button", { name: /Ask again|Ask Civitai/ }).click();
  await until("Civitai said no", async () => (await served.rpc("library_list", { search: "just trained" })).items[0].state === "not_found");
  await panel.getByText(/Not known/).first().waitFor();
  await page.context().close();
});

test("a model is linked by hand, and the link is taken back", async () => {
  const known = await served.item("porcelain");
  const page = await served.open();
  const panel = await inspect(page, "grandmas_kitchen");
  await panel.getByRole("button", { name: "Link to a model…" }).click();
  const field = page.getByRole("dialog").getByRole("textbox");
  await field.fill("nothing of the kind");
  await field.press("Enter");
  await page.getByRole("dialog").getByRole("alert").waitFor();
  await clean(page, "a link that names nothing", refusal);
  await field.fill(String(known.version_id));
  await field.press("Enter");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await panel.getByText("Linked by you").first().waitFor();
  await panel.getByRole("button", { name: "Remove link" }).click();
  await panel.getByText(/Not known to Civitai/).first().waitFor();
  await page.context().close();
});
