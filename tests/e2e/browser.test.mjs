// The page in a real browser, as a person meets it: first run, a scan with its progress, search, facets, inspector,
// settings; with axe at every stop, in both themes and at every width. The tests build on each other's library.
import assert from "node:assert/strict";
import { mkdir, open, rm, truncate, writeFile } from "node:fs/promises";
import http from "node:http";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { axe, out, picture, Served, until } from "./support/served.mjs";

let served;
before(async () => {
  served = await Served.start();
});
after(async () => {
  await served?.stop();
});

const sizes = { desk: { width: 1280, height: 800 }, small: { width: 900, height: 600 }, phone: { width: 390, height: 844 } };
const details = (page) => page.getByRole("complementary", { name: "Details" });
const search = (page) => page.getByRole("searchbox", { name: "Search the library" });

async function clean(page, where) {
  assert.deepEqual(await axe(page), [], `axe, ${where}`);
  assert.deepEqual(page.complaints, [], `console, ${where}`);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
  assert.equal(wide, false, `${where} scrolls sideways`);
}

/** How many items the library says it shows. */
async function shown(page) {
  const words = await page.getByText(/\b(shown|models?|files?), /).first().textContent();
  return Number(words.replaceAll(",", "").match(/\d+/)[0]);
}

test("nobody gets in without the link, and other sites get nothing", async () => {
  const ask = (path, headers, method = "GET") =>
    new Promise((resolve, reject) => {
      const request = http.request({ host: "127.0.0.1", port: served.link.port, path, method, headers }, (answer) => {
        answer.resume();
        answer.on("end", () => resolve(answer.statusCode));
      });
      request.on("error", reject);
      request.end();
    });
  const host = served.link.host;
  const bearer = { authorization: `Bearer ${served.token}`, "content-type": "application/json" };
  assert.equal(await ask("/", { host }), 401);
  assert.equal(await ask("/rpc/app_info", { host, "content-type": "application/json" }, "POST"), 401);
  assert.equal(await ask("/ws", { host, connection: "Upgrade", upgrade: "websocket" }), 401);
  assert.equal(await ask("/rpc/app_info", { host, ...bearer }, "POST"), 200);
  assert.equal(await ask("/rpc/app_info", { host: "evil.example", ...bearer }, "POST"), 421);
  assert.equal(await ask("/rpc/app_info", { host, ...bearer, origin: "http://evil.example" }, "POST"), 403);
  assert.equal(await ask("/?token=0", { host }), 401);
});

test("the first run finds the installations and ends with models on the screen", async () => {
  const page = await served.open();
  await page.getByRole("checkbox", { name: /ComfyUI/ }).waitFor();
  assert.equal(await page.getByRole("checkbox", { checked: true }).count(), 2, "both installs are ticked");
  await clean(page, "first run");
  await picture(page, "first-run-dark");
  await page.getByRole("button", { name: "Start", exact: true }).click();
  await page.locator("#item-0").waitFor();
  await until("every model is identified", async () => {
    const facets = await served.rpc("library_facets");
    return facets.all >= 50 && facets.states.find((state) => state.value === "matched")?.count >= 40;
  });
  // Within its region: the same words are also told to screen readers, wherever those listen.
  await page.getByRole("region", { name: "Scan" }).getByText("looked through").waitFor();
  await clean(page, "library after the first scan");
  await page.context().close();
});

test("the library is worth a picture in both themes and at every width, and axe finds nothing", async () => {
  for (const theme of ["dark", "light"]) {
    for (const [name, size] of Object.entries(sizes)) {
      const page = await served.open({ ...size, theme });
      await page.locator("#item-0").waitFor();
      await picture(page, `library-${name}-${theme}`);
      await clean(page, `library ${name} ${theme}`);
      await page.locator("#item-0").click();
      await details(page).getByRole("heading", { level: 2 }).waitFor();
      await picture(page, `inspector-${name}-${theme}`);
      await clean(page, `inspector ${name} ${theme}`);
      await page.context().close();
    }
  }
});

test("search shows what matches while one types", async () => {
  const page = await served.open();
  await page.locator("#item-0").waitFor();
  const all = await shown(page);
  await page.keyboard.press("/");
  await page.keyboard.type("porcelain");
  await until("one model", async () => (await shown(page)) === 1);
  await page.getByText("Porcelain Portrait").first().waitFor();
  await search(page).fill("nothing has this name");
  await page.getByText("Nothing matches").waitFor();
  await clean(page, "nothing matches");
  await page.keyboard.press("Escape");
  await until("all models", async () => (await shown(page)) === all);
  await page.context().close();
});

test("facets narrow the list and count truthfully", async () => {
  const page = await served.open();
  await page.locator("#item-0").waitFor();
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

test("the inspector tells what is known and copies trigger words", async () => {
  const page = await served.open();
  await search(page).fill("ink and wash");
  // By name: until the answer is there the rows of the whole library stay, and the first of them is another model.
  await page.getByRole("option", { name: /^Ink and Wash Landscapes/ }).first().click();
  const panel = details(page);
  await panel.getByText(/Verified, read in full/).waitFor();
  await panel.getByText(/urn:air:/).waitFor();
  await panel.getByRole("button", { name: /Copy all/ }).click();
  const item = (await served.rpc("library_list", { search: "ink and wash" })).items[0];
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), item.trained_words.join(", "));
  const cover = panel.locator("img").first();
  assert.ok(await cover.evaluate((image) => image.complete && image.naturalWidth > 0), "the preview is shown");
  assert.match(await cover.getAttribute("src"), /^\/preview\//, "and comes from Modeldock itself");
  await page.context().close();
});

test("everything can be reached by keyboard alone", async () => {
  const page = await served.open();
  await page.locator("#item-0").waitFor();
  await page.getByRole("listbox").focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await details(page).getByRole("heading", { level: 2 }).waitFor();
  await page.keyboard.press("Escape");
  await details(page).waitFor({ state: "hidden" });
  await page.context().close();
});

test("a long scan shows bytes, can be held, and can be ended", async () => {
  const comfyui = (await served.rpc("roots_list")).find((root) => root.layout === "comfy_ui");
  const folder = join(comfyui.path, "models/checkpoints");
  const big = join(folder, "very large.safetensors");
  await (await open(big, "w")).close();
  await truncate(big, 60 * 1024 ** 3);
  const page = await served.open();
  await page.locator("#item-0").waitFor();
  // Nobody has to press anything: the folder is watched.
  await page.getByText("Reading files").waitFor();
  await until("bytes are counted", async () => (await served.rpc("jobs_list"))[0]?.bytes_hashed > 0);
  await picture(page, "scanning-dark");
  await clean(page, "scanning");
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByRole("button", { name: "Resume" }).waitFor();
  // A block that is being read is finished first.
  await page.waitForTimeout(300);
  const held = (await served.rpc("jobs_list"))[0].bytes_hashed;
  await page.waitForTimeout(500);
  const job = (await served.rpc("jobs_list"))[0];
  assert.deepEqual([job.state, job.bytes_hashed], ["paused", held]);
  await page.getByRole("button", { name: "Resume" }).click();
  await until("it goes on", async () => (await served.rpc("jobs_list"))[0].bytes_hashed > held);
  await page.getByRole("button", { name: "Cancel", exact: true }).or(page.getByRole("button", { name: /Stop/ })).first().click();
  await until("it ended", async () => (await served.rpc("jobs_list"))[0].state === "cancelled");
  await rm(big);
  await served.rpc("scan_start");
  await until("the scan after it", async () => (await served.rpc("jobs_list"))[0].state === "done");
  await page.context().close();
});

test("a file Civitai could not be asked about waits, says so, and is found later", async () => {
  const a1111 = (await served.rpc("roots_list")).find((root) => root.layout === "a1111");
  await mkdir(join(a1111.path, "models/Lora/new"), { recursive: true });
  const file = join(a1111.path, "models/Lora/new/just trained.safetensors");
  await served.faults({ endpoint: "by-hash/ids", action: { do: "status", status: 500 } });
  const header = Buffer.from('{"__metadata__":{"ss_output_name":"just trained"}}');
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  await writeFile(file, Buffer.concat([length, header, Buffer.from("tensors")]));
  const page = await served.open();
  await until("it waits", async () => (await served.rpc("library_list", { search: "just trained" })).items[0]?.problem?.message);
  await search(page).fill("just trained");
  await page.getByRole("option", { name: /^just trained/ }).click();
  await details(page).getByText(/Waiting/).first().waitFor();
  await picture(page, "waiting-dark");
  await clean(page, "waiting");
  await served.faults();
  await details(page).getByRole("button", { name: /Ask again|Ask Civitai/ }).click();
  await until("Civitai said no", async () => (await served.rpc("library_list", { search: "just trained" })).items[0].state === "not_found");
  await details(page).getByText(/Not known/).first().waitFor();
  await page.context().close();
});

test("settings add and remove folders and keep choices", async () => {
  const page = await served.open({ path: "/#/settings" });
  await page.getByText("stable-diffusion-webui").first().waitFor();
  await picture(page, "settings-dark");
  await clean(page, "settings");
  await page.getByRole("radio", { name: "Light" }).click({ force: true });
  await until("the choice is kept", async () => (await served.rpc("settings_get")).theme === "light");
  await until("and shown", async () => (await page.evaluate(() => document.documentElement.dataset.theme)) === "light");
  await picture(page, "settings-light");
  await clean(page, "settings, light");
  await served.rpc("settings_set", { ...(await served.rpc("settings_get")), theme: "system" });
  await page.context().close();
});

test("a lost connection is told, and the page recovers by itself", async () => {
  const page = await served.open();
  await page.locator("#item-0").waitFor();
  const listen = served.link.host;
  await served.stopServing();
  await page.getByText("Connection lost").waitFor();
  await picture(page, "lost-dark");
  await served.serve(listen);
  // The secret is new at every start: the page says how to get in again instead of failing silently.
  await page.goto(served.link.href);
  await page.locator("#item-0").waitFor();
  await page.context().close();
});
