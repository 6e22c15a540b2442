// Every place in both themes, and the places that differ most on a phone, from the sample library, into docs/images. The
// names are `<place>-<theme>.png`.
import { mkdir, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { details, dialog, list, row, rows, search } from "../tests/e2e/support/page.mjs";
import { picture, Served, until } from "../tests/e2e/support/served.mjs";

const folder = new URL("../docs/images/", import.meta.url).pathname;
await mkdir(folder, { recursive: true });
for (const name of await readdir(folder)) await rm(join(folder, name));

// So slow that something is on its way in every picture; a home with a name that says nothing.
const home = join(tmpdir(), "ada");
const served = await Served.start({ home, simulator: ["--anonymous-downloads", "--storage-speed", "4000"] });
const heading = (page, name) => page.getByRole("heading", { level: 1, name }).waitFor();
const card = (page) => page.getByRole("listbox").getByRole("option").first();

/** What is to be seen before a picture is taken. */
const places = {
  vault: (page) => page.getByRole("region", { name: "In the vault" }).waitFor(),
  downloads: (page) => page.getByRole("progressbar").first().waitFor(),
  discover: (page) => card(page).waitFor(),
  care: (page) => page.getByRole("main").getByRole("heading", { level: 1 }).waitFor(),
  activity: (page) => page.getByRole("region", { name: "What was done" }).waitFor(),
  needs: (page) => heading(page, "Needs you"),
  settings: (page) => page.getByText("stable-diffusion-webui").first().waitFor(),
};

async function at(place, { theme = "dark", ...size } = {}) {
  const page = await served.open({ theme, ...size, path: `/#/${place}` });
  await places[place]?.(page);
  // Names and pictures that are asked for when one looks.
  await page.waitForTimeout(1500);
  return page;
}

async function library(page) {
  await rows(page).first().waitFor();
  await page.waitForTimeout(500);
}

/** As after a week of use: some of it marked, some in the vault, some on its way, something renamed. */
async function lived() {
  await served.rpc("account_sign_in", { key: "demo-token" });
  await served.rpc("vault_sync", {});
  const { items } = await served.rpc("library_list", { states: ["matched"], limit: 100 });
  const change = { favourite: true, rating: 4, note: null, add_tags: ["landscapes"], remove_tags: [] };
  await served.rpc("library_mark", { ids: items.slice(2, 6).map(({ id }) => id), change });
  await served.rpc("file_rename", { id: (await served.item("neon alley")).id, name: "Neon alley at night" });
  // The website is open in another window, and has sent one of those that are on their way.
  const { code, room } = await served.website("POST", "rooms");
  await served.rpc("link_pair", { site: "com", code });
  await served.website("POST", "site", { room });
  for (const version of await served.notHere(4)) await served.rpc("download_add", { what: String(version) });
}

/** What the website asks to be allowed, and where it is paired with. */
async function link(theme) {
  const there = await served.open({ theme, path: "/#/settings/link" });
  const panel = there.getByRole("region", { name: "Civitai Link" });
  await panel.getByText("Connected").waitFor();
  await panel.getByRole("button", { name: "Use civitai.red too" }).click();
  await panel.getByRole("textbox", { name: "Code from civitai.red" }).waitFor();
  await picture(there, `link-${theme}`, folder);
  await there.context().close();
}

/** What the website asks to remove, which is refused in the end. */
async function asked() {
  const { items } = await served.rpc("library_list", { search: "copper" });
  const hash = items[0].sha256.toLowerCase();
  const [{ room }] = await served.website("GET", "rooms");
  await until("the site lists it", async () => (await served.website("GET", `site?room=${room}`)).resources.some((each) => each.hash === hash));
  await served.website("POST", "remove", { room, hash });
  await until("it is asked", async () => (await served.rpc("link_show")).requests.length === 1);
  for (const theme of ["dark", "light"]) {
    const there = await served.open({ theme });
    await library(there);
    await there.getByRole("dialog", { name: /asks to remove/ }).waitFor();
    await picture(there, `link-ask-${theme}`, folder);
    await there.context().close();
  }
  const [{ site, id }] = (await served.rpc("link_show")).requests;
  await served.rpc("link_answer", { site, id, allow: "deny" });
}

try {
  for (const theme of ["dark", "light"]) {
    const first = await served.open({ theme });
    await first.getByRole("checkbox", { name: /ComfyUI/ }).waitFor();
    await picture(first, `first-run-${theme}`, folder);
    if (theme === "light") await first.getByRole("button", { name: "Start", exact: true }).click();
    await until("every model is identified", async () => theme === "dark" || (await served.rpc("library_facets")).states.find((state) => state.value === "matched")?.count >= 40, 120);
    await first.context().close();
  }
  await lived();
  // The first of them is there by then, and has a picture.
  await until("a download is done", async () => (await served.rpc("downloads_list")).some(({ state }) => state.state === "done"), 120);

  for (const theme of ["dark", "light"]) {
    const page = await served.open({ theme });
    await library(page);
    await page.waitForTimeout(2000);
    await picture(page, `grid-${theme}`, folder);
    await row(page, "Copper Etching").first().click();
    await details(page).getByText(/Verified, read in full/).waitFor();
    // The author's name and tags come with the model's page, which is asked for when one looks.
    await page.waitForTimeout(1200);
    await picture(page, `library-${theme}`, folder);
    await details(page).getByRole("button", { name: /^Close/ }).click();
    for (const index of [1, 3, 4]) await rows(page).nth(index).click({ modifiers: ["ControlOrMeta"] });
    await picture(page, `selection-${theme}`, folder);
    await page.keyboard.press("Escape");
    await page.getByRole("radio", { name: "List" }).click();
    await page.getByRole("grid", { name: "Models" }).getByRole("row").nth(1).waitFor();
    await picture(page, `list-${theme}`, folder);
    await page.getByRole("radio", { name: "Grid" }).click();
    await list(page).waitFor();
    await page.keyboard.press("ControlOrMeta+k");
    await dialog(page).waitFor();
    await page.keyboard.type("ink");
    await page.waitForTimeout(600);
    await picture(page, `palette-${theme}`, folder);
    await page.keyboard.press("Escape");
    await dialog(page).waitFor({ state: "detached" });
    await search(page).blur();
    await page.keyboard.press("?");
    await dialog(page).waitFor();
    await picture(page, `shortcuts-${theme}`, folder);
    await page.context().close();

    for (const place of Object.keys(places)) {
      const there = await at(place, { theme });
      await picture(there, `${place}-${theme}`, folder);
      if (place === "discover") {
        await there.getByRole("option", { name: /Analog 35 Grain/ }).click();
        await there.waitForTimeout(2000);
        await picture(there, `discover-model-${theme}`, folder);
      }
      await there.context().close();
    }
    await link(theme);
  }
  await asked();

  const phone = { width: 390, height: 844 };
  for (const place of ["library", "discover", "care"]) {
    const page = await at(place, phone);
    if (place === "library") await library(page);
    await picture(page, `${place}-phone-dark`, folder);
    await page.context().close();
  }
} finally {
  await served.stop();
}
console.log(`pictures in ${folder}`);
