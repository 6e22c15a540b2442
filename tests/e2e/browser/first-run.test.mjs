// From the printed link to models on the screen: who gets in, what the first run finds, a scan with its progress, and
// folders that change while one looks.
import assert from "node:assert/strict";
import { open, rm, truncate } from "node:fs/promises";
import http from "node:http";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { clean, rows } from "../support/page.mjs";
import { picture, Served, until } from "../support/served.mjs";

let served;
before(async () => {
  served = await Served.start();
});
after(() => served?.stop());

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

test("a browser without the link is told how to get in", async () => {
  const context = await served.browser.newContext();
  served.contexts.push(context);
  const page = await context.newPage();
  const answer = await page.goto(new URL("/", served.link).href);
  assert.equal(answer.status(), 401);
  await page.getByText(/modeldock serve/).first().waitFor();
  await context.close();
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

test("a second look asks Civitai nothing and says that nothing is new", async () => {
  const page = await served.open();
  await rows(page).first().waitFor();
  await served.forgetRequests();
  await page.getByRole("button", { name: "Scan now" }).click();
  await page.getByRole("region", { name: "Scan" }).getByText(/nothing new$/).waitFor();
  assert.equal((await served.requests("by-hash/ids")).length, 0, "what is known is not asked again");
  await page.context().close();
});

test("a long scan shows bytes, can be held, and can be ended", async () => {
  const comfyui = (await served.rpc("roots_list")).find((root) => root.layout === "comfy_ui");
  const big = join(comfyui.path, "models/checkpoints/very large.safetensors");
  await (await open(big, "w")).close();
  await truncate(big, 60 * 1024 ** 3);
  const page = await served.open();
  await page.locator("#item-0").waitFor();
  // Nobody has to press anything: the folder is watched.
  await page.getByText("Reading files").waitFor();
  const job = async () => (await served.rpc("jobs_list")).find((each) => each.bytes_to_hash > 1024 ** 3);
  await until("bytes are counted", async () => (await job())?.bytes_hashed > 0);
  await picture(page, "scanning-dark");
  await clean(page, "scanning");
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByRole("button", { name: "Resume" }).waitFor();
  // A block that is being read is finished first; then nothing more is read.
  let held = -1;
  await until("it holds still", async () => {
    const before = held;
    held = (await job()).bytes_hashed;
    await page.waitForTimeout(250);
    return before === held;
  });
  assert.equal((await job()).state, "paused");
  await page.getByRole("button", { name: "Resume" }).click();
  await until("it goes on", async () => (await job()).bytes_hashed > held);
  await page.getByRole("button", { name: "Cancel", exact: true }).click();
  await until("it ended", async () => (await job()).state === "cancelled");
  await rm(big);
  await served.scan();
  await page.context().close();
});

test("with the page closed the work goes on, and another browser sees the same", async () => {
  const first = await served.open();
  const second = await served.open({ path: "/#/settings" });
  await rows(first).first().waitFor();
  await second.getByRole("radio", { name: "Light" }).click({ force: true });
  await until("the other browser follows", () => first.evaluate(() => document.documentElement.dataset.theme === "light"));
  await served.rpc("settings_set", { ...(await served.rpc("settings_get")), theme: "system" });
  await first.context().close();
  await second.context().close();
});
