// The vault: signing in, what is in it and what of it is here, bringing it down, taking out, and keeping in step.
import assert from "node:assert/strict";
import { stat } from "node:fs/promises";
import { after, before, test } from "node:test";

import { clean, dialog, refusal, until } from "../support/page.mjs";
import { picture, Served } from "../support/served.mjs";

let served;
before(async () => {
  served = await Served.withLibrary();
});
after(() => served?.stop());

const vault = () => served.rpc("vault_show");
const over = async () => (await served.rpc("downloads_list")).every(({ state }) => ["done", "failed", "cancelled"].includes(state.state));

test("a key that is refused is told, one that is taken opens the vault, and the page never shows it", async () => {
  const page = await served.open({ path: "/#/vault" });
  await page.getByText("Sign in to see your vault").waitFor();
  await clean(page, "vault, signed out");
  const key = page.getByLabel("API key");
  await key.fill("not-the-key");
  await key.press("Enter");
  await page.getByRole("alert").waitFor();
  await clean(page, "vault, refused", refusal);
  await key.fill("demo-token");
  await key.press("Enter");
  await page.getByRole("region", { name: "In the vault" }).waitFor();
  assert.ok(!(await page.content()).includes("demo-token"));
  await clean(page, "vault", refusal);
  await picture(page, "vault-dark");
  await page.context().close();
});

test("what is here and what is missing is told truthfully, and searched", async () => {
  const page = await served.open({ path: "/#/vault" });
  const { items } = await vault();
  const missing = items.filter(({ files }) => files.length === 0).length;
  assert.ok(missing > 0 && missing < items.length);
  await page.getByRole("radio", { name: `Missing ${missing}` }).click({ force: true });
  const rows = page.getByRole("checkbox", { name: /^Select (?!all)/ });
  await until("the missing ones", async () => (await rows.count()) === missing);
  await page.getByRole("radio", { name: `All ${items.length}` }).click({ force: true });
  await page.getByRole("searchbox", { name: "Search the vault" }).fill("no such thing");
  await page.getByText("Nothing matches").waitFor();
  await clean(page, "vault, nothing matches");
  await page.getByRole("button", { name: "Clear search and filter" }).click();
  await until("all", async () => (await rows.count()) === items.length);
  await page.context().close();
});

test("parts, file and folder are chosen before one comes down", async () => {
  const page = await served.open({ path: "/#/vault" });
  await page.getByRole("button", { name: /^Choose what to download of/ }).first().click();
  await clean(page, "vault, what to download");
  await dialog(page).getByRole("button", { name: "Cancel" }).click();
  await dialog(page).waitFor({ state: "detached" });
  await page.context().close();
});

test("all that is missing comes down, verified, and is here", async () => {
  const page = await served.open({ path: "/#/vault" });
  const before = (await vault()).items.filter(({ files }) => files.length === 0).length;
  await page.getByRole("button", { name: /^Download all missing/ }).click();
  await until("in the queue", async () => (await served.rpc("downloads_list")).length > 0);
  await until("all over", over, 60);
  const ended = await served.rpc("downloads_list");
  for (const { state, path, title } of ended.filter((each) => each.state.state === "done")) assert.ok((await stat(path)).size > 0, `${title} ${state.state}`);
  await until("fewer missing", async () => (await vault()).items.filter(({ files }) => files.length === 0).length < before);
  await page.context().close();
});

test("one is taken out after a question, and Civitai has it no more", async () => {
  const page = await served.open({ path: "/#/vault" });
  const take = page.getByRole("button", { name: /^Take .* out of the vault$/ });
  await take.first().waitFor();
  const before = (await vault()).items.length;
  await take.first().click();
  await clean(page, "vault, take out");
  await dialog(page).getByRole("button", { name: "Take out of the vault" }).click();
  await until("one fewer", async () => (await vault()).items.length === before - 1);
  await until("one row fewer", async () => (await take.count()) === before - 1);
  await page.context().close();
});

test("the vault is read anew, and kept in step by a switch", async () => {
  const page = await served.open({ path: "/#/vault" });
  await served.forgetRequests();
  await page.getByRole("button", { name: "Refresh", exact: true }).click();
  await until("Civitai was asked", async () => (await served.requests("vault/all")).length > 0);
  await page.getByRole("switch", { name: "Keep in sync" }).click();
  await until("kept", async () => (await served.rpc("settings_get")).vault_in_sync);
  await page.reload();
  await until("and shown", () => page.getByRole("switch", { name: "Keep in sync" }).isChecked());
  await served.rpc("settings_set", { ...(await served.rpc("settings_get")), vault_in_sync: false });
  await page.context().close();
});

test("a vault that cannot be read now shows what was read before, and says why", async () => {
  const page = await served.open({ path: "/#/vault" });
  await page.getByRole("region", { name: "In the vault" }).waitFor();
  await served.faults({ endpoint: "vault/all", action: { do: "status", status: 503 } }, { endpoint: "vault/get", action: { do: "status", status: 503 } });
  await page.getByRole("button", { name: "Refresh", exact: true }).click();
  const { problem, items } = await until("why", async () => ((await vault()).problem === null ? null : vault()));
  await page.getByText(problem.message).first().waitFor();
  assert.ok(items.length > 0);
  await page.getByRole("region", { name: "In the vault" }).waitFor();
  await clean(page, "vault, Civitai in trouble", refusal);
  await picture(page, "vault-trouble-dark");
  await served.faults();
  await page.context().close();
});
