// The catalogue: searched, looked at, downloaded from; nothing is asked before somebody goes there.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { clean, refusal, until } from "../support/page.mjs";
import { picture, Served } from "../support/served.mjs";

let served;
before(async () => {
  served = await Served.withLibrary({ simulator: ["--anonymous-downloads"] });
});
after(() => served?.stop());

const results = (page) => page.getByRole("listbox", { name: "Models at Civitai" });

test("a model is found, opened by keyboard, and downloaded to where the UI looks for it", async () => {
  const [, version] = await served.notHere(2);
  await served.forgetRequests();
  const page = await served.open();
  await page.locator("#item-0").waitFor();
  assert.deepEqual(await served.requests("models"), [], "nothing is asked before somebody goes there");
  await page.getByRole("link", { name: "Discover" }).click();
  await results(page).getByRole("option").first().waitFor();
  await clean(page, "discover");
  await picture(page, "discover-dark");
  const field = page.getByRole("searchbox", { name: "Search Civitai" });
  await page.keyboard.press("/");
  assert.equal(await field.evaluate((element) => element === document.activeElement), true);
  // A version's number opens its model.
  await field.fill(String(version));
  await page.getByRole("button", { name: `Open version ${version}` }).click();
  await page.getByRole("radiogroup", { name: "Versions" }).waitFor();
  await clean(page, "a model");
  await picture(page, "discover-model-dark");
  await page.getByRole("button", { name: /^Download… \(/ }).click();
  const plan = page.getByRole("region", { name: "What would be downloaded" });
  await plan.getByRole("button", { name: "Download" }).click();
  await page.getByRole("link", { name: "Show the queue" }).waitFor();
  await until("it is here", async () => (await served.rpc("downloads_list")).some((download) => download.version_id === version && download.state.state === "done"));
  await page.getByRole("main").getByText("Here", { exact: true }).first().waitFor();
  await page.context().close();
});

test("where one was is kept: Escape leads back to the result that was opened", async () => {
  const page = await served.open({ path: "/#/discover" });
  const options = results(page).getByRole("option");
  await options.nth(3).waitFor();
  await results(page).focus();
  for (let step = 0; step < 3; step++) await page.keyboard.press("ArrowRight");
  const active = () => results(page).evaluate((list) => document.getElementById(list.getAttribute("aria-activedescendant"))?.textContent ?? null);
  const opened = await active();
  assert.notEqual(opened, null);
  await page.keyboard.press("Enter");
  await page.getByRole("radiogroup", { name: "Versions" }).waitFor();
  await page.keyboard.press("Escape");
  await results(page).waitFor();
  await until("the same model again", async () => (await active()) === opened);
  await until("the keyboard is in the list", () => results(page).evaluate((list) => list === document.activeElement));
  await page.context().close();
});

test("where Civitai cannot be reached, that is said, and trying again works", async () => {
  await served.faults({ endpoint: "models", action: { do: "drop" } });
  const page = await served.open({ path: "/#/discover" });
  await page.getByRole("alert").first().waitFor();
  await clean(page, "discover, offline", refusal);
  await served.faults();
  await page.getByRole("button", { name: "Try again" }).first().click();
  await results(page).getByRole("option").first().waitFor();
  await page.context().close();
});
