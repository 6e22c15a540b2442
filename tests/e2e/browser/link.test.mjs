// Civitai Link from end to end: a code that is typed, what the site sends, what it asks to be removed and what a person
// says to that, and the end of it. The website is the simulator's; what it shows is looked at as well.
import assert from "node:assert/strict";
import { access } from "node:fs/promises";
import { after, before, test } from "node:test";

import { clean, dialog, focused, refusal, sizes, tabTo, until } from "../support/page.mjs";
import { picture, Served } from "../support/served.mjs";

let served;
/** The instance at the site that this computer is paired with. */
let room;
before(async () => {
  served = await Served.withLibrary({ simulator: ["--anonymous-downloads"] });
});
after(() => served?.stop());

const panel = (page) => page.getByRole("region", { name: "Civitai Link" });
const head = (page, site = "civitai.com") => panel(page).getByRole("heading", { level: 3, name: new RegExp(`^${site.replace(".", "\\.")}`) });
const sheet = (page) => page.getByRole("dialog", { name: /asks to remove/ });
const settings = (options = {}) => served.open({ path: "/#/settings/link", ...options });
const stands = (page, word, site) => until(`${site ?? "civitai.com"} stands: ${word}`, async () => (await head(page, site).textContent()).endsWith(word));
const go = (page, place) => page.goto(new URL(`/#/${place}`, served.link).href);

const site = () => served.website("GET", `site?room=${room}`);
const activity = async (id) => (await site()).activities.find((each) => each.id === id);
const ended = (id) => until(`the site is told how ${id} ended`, async () => {
  const found = await activity(id);
  return ["success", "error", "canceled"].includes(found?.status) && found;
});
const lists = async (hash) => (await site()).resources.some((each) => each.hash === hash);
const there = (path) => access(path).then(() => true, () => false);

/** A model of the library that the site lists, and one file on the disk that is it. */
async function listed(search) {
  const { items } = await served.rpc("library_list", { search });
  const { path, sha256 } = items.find((item) => item.sha256 !== null);
  const hash = sha256.toLowerCase();
  await until(`the site lists ${search}`, () => lists(hash));
  return { path, hash };
}
async function remove(hash) {
  const { ids } = await served.website("POST", "remove", { room, hash });
  return ids[0];
}

test("not paired: it is said, the code is asked for, and a picture shows where it is", async () => {
  for (const theme of ["dark", "light"]) {
    for (const name of ["desk", "phone"]) {
      const page = await settings({ ...sizes[name], theme });
      const at = (what) => `${what}, ${name}, ${theme}`;
      await stands(page, "Not paired");
      await clean(page, at("not paired"));
      assert.equal(await page.getByText(/^Link:/).count(), 0, "no pill");
      await panel(page).getByRole("button", { name: "Pair with civitai.com" }).click();
      assert.equal(await panel(page).getByRole("img").count(), 3);
      await clean(page, at("asked for a code"));
      await panel(page).getByText(/^Was this computer paired before/).scrollIntoViewIfNeeded();
      await picture(page, `link-code-${name}-${theme}`);
      await panel(page).getByRole("button", { name: "Use civitai.red too" }).click();
      await panel(page).getByRole("textbox", { name: "Code from civitai.red" }).waitFor();
      await clean(page, at("both sites"));
      await page.context().close();
    }
  }
});

test("a wrong code is told at its field; the right one pairs, however it is spaced and cased", async () => {
  const issued = await served.website("POST", "rooms");
  room = issued.room;
  const page = await settings();
  await panel(page).getByRole("button", { name: "Pair with civitai.com" }).click();
  const field = panel(page).getByRole("textbox", { name: "Code from civitai.com" });
  for (const wrong of ["12 34", issued.code.startsWith("0") ? `1${issued.code.slice(1)}` : `0${issued.code.slice(1)}`]) {
    await field.fill(wrong);
    await field.press("Enter");
    await panel(page).getByRole("alert").waitFor();
    assert.equal(await field.getAttribute("aria-invalid"), "true");
    await clean(page, `a wrong code: ${wrong.length} characters`, refusal);
    await field.fill("");
    await panel(page).getByRole("alert").waitFor({ state: "detached" });
  }
  await picture(page, "link-wrong-dark");
  await field.fill(` ${issued.code.slice(0, 3).toUpperCase()} ${issued.code.slice(3)} `);
  await field.press("Enter");
  await stands(page, "Waiting for the site");
  assert.match(await focused(page), /^h3 civitai\.com/);
  await page.getByRole("link", { name: "Link: waiting" }).waitFor();
  await clean(page, "waiting for the site", refusal);
  const now = (await served.website("GET", "rooms")).find((each) => each.room === room);
  assert.deepEqual([now.code, now.computers, now.key.length], [null, 1, 128]);
  for (const secret of [now.key, issued.code]) assert.ok(!(await page.content()).includes(secret), "no key on the page");
  await page.context().close();
});

test("whether somebody has the site open is seen; a lost connection is told and comes back by itself", async () => {
  const page = await settings();
  await stands(page, "Waiting for the site");
  await served.website("POST", "site", { room });
  await stands(page, "Connected");
  await page.getByRole("link", { name: "Link: connected" }).waitFor();
  await clean(page, "connected");
  await picture(page, "link-connected-dark");
  await served.website("DELETE", `site?room=${room}`);
  await stands(page, "Waiting for the site");

  await served.faults({ endpoint: "link", action: { do: "status", status: 503 } });
  await served.website("POST", "drop");
  await stands(page, "Offline");
  await panel(page).getByText(/Tried again by itself/).waitFor();
  await panel(page).getByRole("status").waitFor();
  await clean(page, "offline");
  await picture(page, "link-offline-dark");
  await served.faults();
  await stands(page, "Waiting for the site");
  await page.context().close();
});

test("a restart needs no new code", async () => {
  const { host } = served.link;
  await served.stopServing();
  await served.serve(host);
  await served.website("POST", "site", { room });
  const page = await settings();
  await stands(page, "Connected");
  await page.context().close();
});

test("what the site sends is downloaded, with its origin, into the library", async () => {
  const [, version] = await served.notHere(2);
  const page = await served.open({ path: "/#/downloads" });
  const { ids } = await served.website("POST", "send", { room, version });
  await page.getByText(/from Civitai’s site/).first().waitFor();
  const [download] = await until("it is done", async () => {
    const all = await served.rpc("downloads_list");
    return all.length > 0 && all.every(({ state }) => state.state === "done") && all;
  });
  assert.equal(download.asked_by, "site");
  assert.equal((await ended(ids[0])).status, "success");
  await page.getByText("Verified", { exact: true }).first().waitFor();
  await clean(page, "sent by the site");
  await picture(page, "link-download-dark");
  const { item } = await served.rpc("library_item", { id: download.state.file });
  assert.ok(await there(item.path));
  await until("the site lists it", () => lists(item.sha256.toLowerCase()));
  await page.getByRole("link", { name: /^Show in library/ }).first().click();
  await page.getByRole("complementary", { name: "Details" }).getByRole("heading", { level: 2 }).first().waitFor();
  await page.context().close();
});

test("nothing is removed before a person says so: put off, refused, then allowed, and brought back by Undo", async () => {
  const { path, hash } = await listed("neon alley");
  const page = await served.open();
  await page.locator("#item-0").waitFor();
  const first = await remove(hash);
  await sheet(page).waitFor();
  // A key that was meant for the page decides nothing.
  await page.keyboard.press("Enter");
  await page.keyboard.press("Space");
  await clean(page, "asked to remove");
  await picture(page, "link-ask-dark");
  await page.keyboard.press("Escape");
  await sheet(page).waitFor({ state: "detached" });
  assert.ok(await there(path));
  assert.equal((await activity(first))?.status === "success", false);
  await page.getByRole("link", { name: "Link: connected 1 to decide" }).waitFor();
  await page.getByRole("link", { name: /^Needs you/ }).click();
  await page.getByText(/^civitai\.com asks to remove/).waitFor();
  await clean(page, "it waits under Needs you");
  await page.getByRole("button", { name: /^Decide…: civitai\.com/ }).click();
  await sheet(page).waitFor();
  await tabTo(page, /^button Don’t allow/);
  await page.keyboard.press("Enter");
  assert.equal((await ended(first)).status, "error");
  assert.ok(await there(path));
  await sheet(page).waitFor({ state: "detached" });

  const second = await remove(hash);
  await sheet(page).waitFor();
  await tabTo(page, /^button Move to trash/);
  await page.keyboard.press("Enter");
  assert.equal((await ended(second)).status, "success");
  assert.ok(!(await there(path)));
  await until("the site lists it no more", async () => !(await lists(hash)));
  await go(page, "activity");
  await page.getByText(/by Civitai’s site/).first().waitFor();
  await clean(page, "what the site removed");
  await page.getByRole("button", { name: /^Undo: .*trash$/ }).first().click();
  await until("it is back", () => there(path));
  await until("and the site lists it again", () => lists(hash));
  await page.context().close();
});

test("the question waits while another dialog is open, and is the same on a phone, in both themes", async () => {
  const { path, hash } = await listed("neon alley");
  const page = await served.open();
  await page.locator("#item-0").waitFor();
  await page.keyboard.press("ControlOrMeta+k");
  await page.getByRole("combobox").waitFor();
  const id = await remove(hash);
  await until("it is asked", async () => (await served.rpc("link_show")).requests.length === 1);
  await page.getByText("1 to decide").waitFor({ state: "attached" });
  assert.equal(await dialog(page).count(), 1);
  assert.match(await focused(page), /^combobox/);
  await page.keyboard.press("Escape");
  await sheet(page).waitFor();
  for (const theme of ["dark", "light"]) {
    for (const name of ["desk", "phone"]) {
      const other = await served.open({ ...sizes[name], theme });
      await sheet(other).waitFor();
      await clean(other, `asked, ${name}, ${theme}`);
      await picture(other, `link-ask-${name}-${theme}`);
      await sheet(other).getByRole("button", { name: "Decide later" }).click();
      if (name === "phone") {
        await other.getByRole("navigation", { name: "Places" }).getByRole("button", { name: /^More/ }).click();
        await other.getByRole("menuitem", { name: /^Link: connected/ }).waitFor();
        await clean(other, `more, ${theme}`);
        await other.getByRole("menuitem", { name: /^Link: connected/ }).click();
        await stands(other, "Connected");
        await clean(other, `paired, phone, ${theme}`);
      }
      await other.context().close();
    }
  }
  // Answered in one page, it goes from the other.
  const other = await served.open();
  await sheet(other).getByRole("button", { name: "Don’t allow" }).click();
  await sheet(page).waitFor({ state: "detached" });
  assert.equal((await ended(id)).status, "error");
  assert.ok(await there(path));
  await other.context().close();
  await page.context().close();
});

test("Never: it is refused, and nobody is asked", async () => {
  const { path, hash } = await listed("neon alley");
  const page = await settings();
  await panel(page).getByRole("radio", { name: "Never" }).click({ force: true });
  await until("it is kept", async () => (await served.rpc("settings_get")).link_remove === "never");
  assert.equal((await ended(await remove(hash))).status, "error");
  assert.ok(await there(path));
  assert.equal(await dialog(page).count(), 0);
  await panel(page).getByRole("radio", { name: "Ask each time" }).click({ force: true });
  await until("it is kept", async () => (await served.rpc("settings_get")).link_remove === "ask");
  await page.context().close();
});

test("who may only look is shown what is asked and cannot answer; afterwards it is still asked", async () => {
  const { path, hash } = await listed("neon alley");
  const id = await remove(hash);
  await until("it is asked", async () => (await served.rpc("link_show")).requests.length === 1);
  const { host } = served.link;
  await served.stopServing();
  await served.serve(host, ["--read-only"]);
  const page = await served.open({ path: "/#/needs" });
  await page.getByRole("button", { name: /^Decide…: civitai\.com/ }).click();
  await sheet(page).getByText(/It is answered where Modeldock runs/).waitFor();
  assert.deepEqual(await sheet(page).getByRole("button").evaluateAll((all) => all.map((each) => each.getAttribute("aria-label"))), ["Close"]);
  await clean(page, "asked, read only");
  await page.context().close();
  await served.stopServing();
  await served.serve(host);
  const again = await served.open();
  await sheet(again).getByRole("button", { name: "Don’t allow" }).click();
  assert.equal((await ended(id)).status, "error");
  assert.ok(await there(path));
  await again.context().close();
});

test("allowed for this session, the next one is not asked about; both come back", async () => {
  const one = await listed("neon alley");
  const two = await listed("copper");
  const { all } = await served.rpc("library_facets");
  const page = await served.open();
  await page.locator("#item-0").waitFor();
  const first = await remove(one.hash);
  await sheet(page).getByRole("button", { name: "Allow for this session" }).click();
  assert.equal((await ended(first)).status, "success");
  const second = await ended(await remove(two.hash));
  assert.equal(second.status, "success", JSON.stringify(second));
  assert.equal(await dialog(page).count(), 0);
  assert.deepEqual([await there(one.path), await there(two.path)], [false, false]);
  for (const { id, can_undo, asked_by } of await served.rpc("activity_list")) {
    if (can_undo && asked_by === "site") await served.rpc("activity_undo", { id });
  }
  assert.deepEqual([await there(one.path), await there(two.path)], [true, true]);
  await until("the library has both again", async () => (await served.rpc("library_facets")).all === all);
  await page.context().close();
});

test("leaving asks first; afterwards the site sees no computer, and everything else stays", async () => {
  const files = (await served.rpc("library_facets")).all;
  const page = await settings();
  await panel(page).getByRole("button", { name: "Leave civitai.com" }).click();
  await clean(page, "leave?");
  await dialog(page).getByRole("button", { name: "Stay paired" }).click();
  await stands(page, "Connected");
  await panel(page).getByRole("button", { name: "Leave civitai.com" }).click();
  await dialog(page).getByRole("button", { name: "Leave", exact: true }).click();
  await stands(page, "Not paired");
  await until("the site sees no computer", async () => (await site()).computers === 0);
  assert.equal(await page.getByText(/^Link:/).count(), 0);
  assert.equal((await served.rpc("library_facets")).all, files);
  await clean(page, "left");
  await page.context().close();
});

test("removed at the site, it says so, and what to do about it", async () => {
  const issued = await served.website("POST", "rooms");
  await served.rpc("link_pair", { site: "com", code: issued.code });
  const page = await settings();
  await stands(page, "Waiting for the site");
  await served.website("POST", "kick", { room: issued.room });
  await stands(page, "Not paired");
  await panel(page).getByRole("status").waitFor();
  await clean(page, "removed at the site");
  await picture(page, "link-removed-dark");
  await go(page, "needs");
  await page.getByRole("button", { name: /^Civitai Link: This computer is not paired with civitai\.com any more/ }).click();
  await stands(page, "Not paired");
  await page.context().close();
});
