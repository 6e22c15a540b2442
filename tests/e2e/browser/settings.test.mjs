// Every setting is kept at once, shown after a reload, and taken back when it cannot be kept; folders come and go.
import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { clean, dialog, refusal, until } from "../support/page.mjs";
import { picture, safetensors, Served } from "../support/served.mjs";

let served;
before(async () => {
  served = await Served.withLibrary();
});
after(() => served?.stop());

const settings = () => served.rpc("settings_get");
const opened = async (section = "") => {
  const page = await served.open({ path: `/#/settings${section}` });
  await page.getByText("stable-diffusion-webui").first().waitFor();
  await page.getByRole("switch").first().waitFor();
  return page;
};

test("every switch is kept, shown again after a reload, and switched back", async () => {
  const page = await opened();
  const names = await page.getByRole("switch").evaluateAll((all) => all.filter((each) => each.closest("details") === null).map((each) => document.querySelector(`label[for="${each.id}"]`).textContent));
  assert.ok(names.length >= 4, names.join(", "));
  for (const name of names) {
    const one = page.getByRole("switch", { name, exact: true });
    const was = await one.isChecked();
    const before = JSON.stringify(await settings());
    await one.click();
    await until(`${name} is kept`, async () => JSON.stringify(await settings()) !== before);
    await page.reload();
    await until(`${name} is shown`, async () => (await page.getByRole("switch", { name, exact: true }).isChecked()) === !was);
    await clean(page, `settings, ${name} switched`);
    await page.getByRole("switch", { name, exact: true }).click();
    await until(`${name} is as it was`, async () => JSON.stringify(await settings()) === before);
  }
  await page.context().close();
});

test("every choice of several is kept", async () => {
  const page = await opened();
  const groups = await page.getByRole("radiogroup").evaluateAll((all) => all.map((each) => each.getAttribute("aria-label")));
  assert.ok(groups.length >= 5, groups.join(", "));
  for (const name of groups) {
    const group = page.getByRole("radiogroup", { name, exact: true });
    const choices = group.getByRole("radio");
    const at = await choices.evaluateAll((all) => all.findIndex((each) => each.checked));
    const before = JSON.stringify(await settings());
    await choices.nth(at === 0 ? 1 : 0).click({ force: true });
    await until(`${name} is kept`, async () => JSON.stringify(await settings()) !== before);
    const kept = JSON.stringify(await settings());
    await page.reload();
    await until(`${name} is shown`, () => group.getByRole("radio").nth(at === 0 ? 1 : 0).isChecked());
    await group.getByRole("radio").nth(at).click({ force: true });
    await until(`${name} is as it was`, async () => JSON.stringify(await settings()) !== kept);
  }
  await page.context().close();
});

test("the theme is kept and shown in both", async () => {
  const page = await opened();
  await picture(page, "settings-dark");
  await page.getByRole("radio", { name: "Light" }).click({ force: true });
  await until("the choice is kept", async () => (await settings()).theme === "light");
  await until("and shown", () => page.evaluate(() => document.documentElement.dataset.theme === "light"));
  await clean(page, "settings, light");
  await picture(page, "settings-light");
  await served.rpc("settings_set", { ...(await settings()), theme: "system" });
  await page.context().close();
});

test("limit and hours are kept as they are typed", async () => {
  const page = await opened();
  await page.getByRole("switch", { name: "Limit the speed" }).click();
  const rate = page.getByLabel("MiB per second");
  await rate.fill("2.5");
  await rate.press("Enter");
  await until("the rate", async () => (await settings()).download_limit === 2.5 * 1024 ** 2);
  await page.getByRole("switch", { name: "Only at certain hours" }).click();
  await page.getByLabel("From", { exact: true }).fill("01:30");
  await page.getByLabel("To", { exact: true }).focus();
  await until("the hour", async () => (await settings()).download_hours?.from === 90);
  await clean(page, "limit and hours");
  await page.getByRole("switch", { name: "Limit the speed" }).click();
  await page.getByRole("switch", { name: "Only at certain hours" }).click();
  await until("off again", async () => (await settings()).download_hours === null && (await settings()).download_limit === 0);
  await page.context().close();
});

test("a folder is added by its path, looked through, removed after a question, and nothing on disk goes", async () => {
  const folder = join(served.home, "more models");
  await mkdir(folder);
  await writeFile(join(folder, "one more.safetensors"), safetensors({ ss_output_name: "one more" }));
  const page = await opened();
  const add = async (path) => {
    const button = page.getByRole("button", { name: "Add a folder" });
    if (await button.count()) await button.click();
    await page.getByLabel("Folder path").fill(path);
    await page.getByLabel("Folder path").press("Enter");
  };
  await add(join(served.home, "nowhere at all"));
  await page.getByRole("alert").waitFor();
  await clean(page, "a folder that is not there", refusal);
  await add(folder);
  await page.getByText("more models").first().waitFor();
  await until("its model", async () => (await served.rpc("library_list", { search: "one more" })).total === 1);
  await page.getByRole("button", { name: "Remove more models" }).click();
  await clean(page, "remove a folder", refusal);
  await dialog(page).getByRole("button", { name: "Remove from library" }).click();
  await until("it is gone", async () => (await served.rpc("library_list", { search: "one more" })).total === 0);
  await page.context().close();
});

test("what a folder is told to do is kept: beside models, by kind, subfolders", async () => {
  const page = await opened();
  const root = async () => (await served.rpc("roots_list")).find((each) => each.layout === "comfy_ui");
  const { name } = await root();
  await page.locator("summary").first().waitFor();
  for (const fold of await page.locator("summary").all()) await fold.click();
  await clean(page, "everything of a folder unfolded");
  const beside = page.getByRole("group", { name: `Written beside the models in ${name}` });
  await beside.getByRole("switch").first().click();
  await until("beside models", async () => (await root()).sidecars.a1111_json);
  await beside.getByRole("switch").first().click();
  await until("no more", async () => !(await root()).sidecars.a1111_json);
  const subfolders = page.getByRole("textbox", { name: `Subfolders for downloads in ${name}` });
  await subfolders.fill("{nonsense}");
  await subfolders.press("Enter");
  await page.getByRole("alert").first().waitFor();
  await subfolders.fill("{base_model}/{creator}");
  await subfolders.press("Enter");
  await until("subfolders", async () => (await root()).places.template === "{base_model}/{creator}");
  await page.context().close();
});

test("a setting that cannot be kept is taken back, and why is said", async () => {
  const page = await opened();
  await page.route("**/rpc/settings_set", (route) => route.abort());
  const one = page.getByRole("switch", { name: "Fetch preview pictures" });
  const was = await one.isChecked();
  await one.click();
  await page.getByRole("alert").waitFor();
  await until("as it was", async () => (await one.isChecked()) === was);
  await page.context().close();
});
