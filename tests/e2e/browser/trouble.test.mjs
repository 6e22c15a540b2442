// When things are not as they should be: nothing there, no network, a refused key, a lost server, a full disk, a session
// that is over. Each is told with what to do, and passes by itself where it can.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";

import { away, clean, refusal, rows, search, until } from "../support/page.mjs";
import { picture, safetensors, Served } from "../support/served.mjs";

const running = [];
after(async () => {
  for (const served of running) await served.stop();
});
async function started(options, withLibrary = true) {
  const served = await (withLibrary ? Served.withLibrary(options) : Served.start(options));
  running.push(served);
  return served;
}

test("a computer without installations: a folder by its path, and a folder without models", async () => {
  const served = await started({ bare: true }, false);
  const page = await served.open();
  await page.getByText(/No installation was found/).waitFor();
  assert.equal(await page.getByRole("button", { name: "Start", exact: true }).isDisabled(), true);
  await clean(page, "first run, nothing found");
  const folder = join(served.home, "empty");
  await mkdir(folder);
  const more = page.getByRole("button", { name: "Add a folder" });
  if (await more.count()) await more.click();
  await page.getByLabel("Folder path").fill(folder);
  await page.getByLabel("Folder path").press("Enter");
  await page.getByRole("button", { name: "Start", exact: true }).click();
  await page.getByText("No model files here yet").waitFor();
  await clean(page, "an empty library");
  await picture(page, "empty-dark");
  await writeFile(join(folder, "first.safetensors"), safetensors({ ss_output_name: "first" }));
  await rows(page).first().waitFor();
  await page.context().close();
});

test("without a network everything on the disk works, and what waited is asked once it is back", async () => {
  const served = await started({}, false);
  await served.faults({ action: { do: "drop" } });
  await served.fill();
  const page = await served.open();
  await page.locator("#item-0").waitFor();
  await search(page).fill("porcelain");
  await rows(page).first().click();
  await page.getByRole("complementary", { name: "Details" }).getByText(/Waiting/).first().waitFor();
  await clean(page, "offline", refusal);
  await picture(page, "offline-dark");
  await page.goto(new URL("/#/downloads", served.link).href);
  await page.getByRole("textbox", { name: /^Paste a Civitai link/ }).fill("123456");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").waitFor();
  await clean(page, "looking up a download offline", refusal);
  await page.goto(new URL("/#/needs", served.link).href);
  await page.getByText(/wait(s)? to be read or for Civitai/).waitFor();
  await clean(page, "needs, offline", refusal);
  await served.faults();
  await served.rpc("identify", { files: (await served.rpc("library_list", { states: ["pending"], limit: 500 })).items.map(({ id }) => id) });
  await until("all asked", async () => (await served.rpc("library_facets")).states.every(({ value, count }) => value !== "pending" || count === 0));
  await page.getByText(/to be read or for Civitai/).waitFor({ state: "detached" });
  await page.context().close();
});

test("a lost connection is told, the page recovers, and a session that is over says how to get in", async () => {
  const served = await started();
  const page = await served.open();
  await page.locator("#item-0").waitFor();
  const { host } = served.link;
  await served.stopServing();
  await page.getByText("Connection lost").waitFor();
  await clean(page, "connection lost", away);
  await picture(page, "lost-dark");
  await served.serve(host);
  // The secret is new at every start: the page says how to get in again instead of failing silently.
  await search(page).fill("anything else");
  await page.getByText("This browser is not signed in").first().waitFor();
  await clean(page, "signed out", /./);
  await picture(page, "signed-out-dark");
  await page.goto(served.link.href);
  await page.locator("#item-0").waitFor();
  await page.getByText("Connection lost").waitFor({ state: "detached" });
  await page.context().close();
});

test("where Civitai refuses the key later, the vault asks for another, and takes it", async () => {
  const served = await started();
  await served.rpc("account_sign_in", { key: "demo-token" });
  await served.faults({ endpoint: "me", action: { do: "status", status: 401 } }, { endpoint: "vault/get", action: { do: "status", status: 401 } }, { endpoint: "vault/all", action: { do: "status", status: 401 } });
  await served.rpc("vault_sync", {}).catch(() => undefined);
  const page = await served.open({ path: "/#/vault" });
  await page.getByText("Sign in to see your vault").waitFor();
  await clean(page, "a refused key", refusal);
  await served.faults();
  await page.getByLabel("API key").fill("demo-token");
  await page.getByLabel("API key").press("Enter");
  await page.getByRole("region", { name: "In the vault" }).waitFor();
  await page.context().close();
});

/** A drive of 6 MiB, in a world of its own that only this Modeldock sees. */
const onATinyDrive = (folder) => ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", `mount -t tmpfs -o size=6m tmpfs '${folder}' && mkdir -p '${folder}/Lora' && exec "$@"`, "sh"];
const canMount = () => {
  try {
    execFileSync("unshare", ["--user", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
};

test("a drive that is full holds the download, says how much must be free, and nothing is half there", { skip: !canMount() && "this system mounts nothing for a user" }, async () => {
  const mib = 1024 ** 2;
  const served = await Served.start({ bare: true, simulator: ["--made", String(20 * mib), "--anonymous-downloads"] });
  running.push(served);
  const folder = join(served.home, "tiny");
  await mkdir(folder);
  await served.stopServing();
  served.around = onATinyDrive(folder);
  await served.serve();
  await served.rpc("roots_add", { path: folder });
  const made = served.simulator.said.find((event) => event.event === "made");
  const page = await served.open({ path: "/#/downloads" });
  await page.getByRole("textbox", { name: /^Paste a Civitai link/ }).fill(String(made.version));
  await page.keyboard.press("Enter");
  const plan = page.getByRole("region", { name: "What would be downloaded" });
  await plan.getByText("There is not enough room for it there.", { exact: false }).waitFor();
  await clean(page, "a plan for a full drive");
  await plan.getByRole("button", { name: "Download" }).click();
  await until("it waits for room", async () => (await served.rpc("downloads_list"))[0]?.state.why?.why === "disk_full" || JSON.stringify((await served.rpc("downloads_list"))[0]?.state ?? "").includes("disk_full"));
  await page.getByText("No room", { exact: true }).waitFor();
  await page.getByText(/must be free before it goes on/).waitFor();
  await clean(page, "a full drive");
  await picture(page, "disk-full-dark");
  await page.goto(new URL("/#/needs", served.link).href);
  await page.getByText(/waits for room on the drive/).waitFor();
  await page.context().close();
});
