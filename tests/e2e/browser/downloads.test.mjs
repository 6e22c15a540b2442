// A link becomes a file: planned, downloaded, held, let go on after the server was away, reordered, tried again.
import assert from "node:assert/strict";
import { readFile, stat } from "node:fs/promises";
import { after, before, test } from "node:test";

import { away, clean, details, refusal, until } from "../support/page.mjs";
import { picture, Served } from "../support/served.mjs";

const mib = 1024 ** 2;
let served;
let made;
before(async () => {
  // A model that takes some seconds, so that there is something to hold.
  served = await Served.withLibrary({ simulator: ["--made", String(24 * mib), "--storage-speed", String(mib), "--anonymous-downloads"] });
  made = served.simulator.said.find((event) => event.event === "made");
});
after(() => served?.stop());

const field = (page) => page.getByRole("textbox", { name: /^Paste a Civitai link/ });
const plan = (page) => page.getByRole("region", { name: "What would be downloaded" });
const downloads = () => served.rpc("downloads_list");
const only = async () => (await downloads())[0];

async function ask(page, what) {
  await field(page).fill(what);
  await field(page).press("Enter");
  await plan(page).waitFor();
}

async function emptied() {
  await served.faults();
  await served.rpc("settings_set", { ...(await served.rpc("settings_get")), downloads_at_once: 2, download_limit: 0 });
  const all = await downloads();
  await served.rpc("downloads_cancel", { ids: all.map(({ id }) => id) });
  await until("nothing under way", async () => (await downloads()).every(({ state }) => ["done", "failed", "cancelled"].includes(state.state)));
  await served.rpc("downloads_clear", { ids: all.map(({ id }) => id) });
}

test("what is pasted is shown before anything is fetched; what names no model is told", async () => {
  const page = await served.open({ path: "/#/downloads" });
  await page.getByText("Nothing to download").waitFor();
  await clean(page, "no downloads");
  await ask(page, `https://civitai.com/models/${made.model}?modelVersionId=${made.version}`);
  await plan(page).getByText(/24(\.0)? MiB/).first().waitFor();
  await clean(page, "a plan");
  await picture(page, "plan-dark");
  assert.deepEqual(await downloads(), [], "looking starts nothing");
  await plan(page).getByRole("button", { name: "Cancel" }).click();
  await field(page).fill("https://example.com/models/1");
  await field(page).press("Enter");
  await page.getByRole("alert").waitFor();
  await clean(page, "a link that names no model", refusal);
  await page.context().close();
});

test("a download is held, survives the server, goes on where it was, and ends verified in the right folder", async () => {
  await emptied();
  const page = await served.open({ path: "/#/downloads" });
  await ask(page, String(made.version));
  await plan(page).getByRole("button", { name: "Download" }).click();
  await until("bytes arrive", async () => (await only())?.received > mib);
  await page.getByRole("progressbar", { name: /^Progress of Made/ }).waitFor();
  await clean(page, "downloading");
  await picture(page, "downloading-dark");
  await page.getByRole("button", { name: "Pause Made" }).click();
  await until("it is held", async () => (await only()).state.state === "paused");
  await page.getByText("Paused", { exact: true }).waitFor();
  const had = (await only()).received;
  assert.ok(had > 0 && had < 24 * mib, String(had));

  const host = served.link.host;
  await served.stopServing();
  await page.getByText("Connection lost").waitFor();
  await served.serve(host);
  await page.goto(served.link.href);
  await page.goto(new URL("/#/downloads", served.link).href);
  await page.getByText("Paused", { exact: true }).waitFor();
  assert.ok((await only()).received > 0, "what had arrived is still there");
  await served.forgetRequests();
  await page.getByRole("button", { name: "Resume Made" }).click();
  await until("it is done", async () => (await only()).state.state === "done", 60);
  await page.getByText("Verified", { exact: true }).waitFor();
  const { path, wanted, state } = await only();
  assert.equal((await stat(path)).size, 24 * mib, wanted.of);
  await clean(page, "a download that is done", away);
  await page.getByRole("link", { name: "Show in library: Made" }).click();
  await details(page).getByText(/Verified, read in full/).waitFor();
  assert.equal((await served.item("made")).id, state.file);
  await page.context().close();
});

test("the queue is put in another order, limited, and cancelled after a question", async () => {
  await emptied();
  await served.rpc("settings_set", { ...(await served.rpc("settings_get")), downloads_at_once: 1 });
  const page = await served.open({ path: "/#/downloads" });
  // Nothing moves on while the order is looked at.
  await served.faults({ endpoint: "storage", action: { do: "stall_after", bytes: 100 } });
  for (const version of (await served.notHere(4)).slice(1)) {
    await ask(page, String(version));
    await plan(page).getByRole("button", { name: "Download" }).click();
    await plan(page).waitFor({ state: "detached" });
  }
  const titles = async () => (await downloads()).map(({ title }) => title);
  await until("three in the queue", async () => (await titles()).length === 3);
  const [first, second, third] = await titles();
  const seen = () => page.getByRole("button", { name: /^Move .* up$/ }).evaluateAll((all) => all.map((each) => /^Move (.*) up$/.exec(each.getAttribute("aria-label"))[1]));
  const stand = (what, wanted) => until(what, async () => [await titles(), await seen()].every((order) => JSON.stringify(order) === JSON.stringify(wanted)));
  await stand("as they were added", [first, second, third]);
  await page.getByRole("button", { name: `Move ${third} up` }).click();
  await stand("the third is the second", [first, third, second]);
  await page.getByRole("button", { name: `Move ${third} up` }).press("Alt+ArrowDown");
  await stand("and the third again", [first, second, third]);
  await page.getByRole("button", { name: `Speed limit of ${second}` }).click();
  await clean(page, "limit menu");
  await page.getByRole("menuitemradio", { name: /5/ }).click();
  await until("its own limit", async () => (await downloads())[1].limit === 5 * mib);
  await page.getByRole("button", { name: "Cancel all" }).click();
  await clean(page, "cancel all");
  await page.getByRole("dialog").getByRole("button", { name: "Cancel and remove" }).click();
  await until("all cancelled", async () => (await downloads()).every(({ state }) => state.state === "cancelled"));
  await page.getByRole("button", { name: "Clear finished" }).click();
  await page.getByText("Nothing to download").waitFor();
  await page.context().close();
});

test("a storage that refuses is told with what to do, and trying again brings the file", async () => {
  await emptied();
  await served.faults({ endpoint: "storage", action: { do: "status", status: 404 } }, { endpoint: "download", action: { do: "status", status: 404 } });
  const page = await served.open({ path: "/#/downloads" });
  await ask(page, String(await served.versionOf("inkwash_v23")));
  await plan(page).getByRole("button", { name: "Download" }).click();
  await until("it failed", async () => (await only())?.state.state === "failed");
  await page.getByText("Failed", { exact: true }).waitFor();
  await clean(page, "a download that failed");
  await picture(page, "failed-dark");
  await served.faults();
  await page.getByRole("button", { name: /^Try .* again$/ }).click();
  await until("it is done", async () => (await only()).state.state === "done");
  const { path } = await only();
  assert.ok((await readFile(path)).length > 0);
  await page.context().close();
});
