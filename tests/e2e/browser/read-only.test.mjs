// `serve --read-only`: everything can be looked at, nothing is offered that would be refused, and why is said.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { bar, clean, details, list, until } from "../support/page.mjs";
import { picture, Served } from "../support/served.mjs";

let served;
let before_;
before(async () => {
  served = await Served.withLibrary();
  const { items } = await served.rpc("library_list", { search: "neon alley" });
  await served.rpc("library_mark", { ids: items.map(({ id }) => id), change: { favourite: true, rating: 3, note: "kept", add_tags: ["mine"], remove_tags: [] } });
  await served.rpc("file_rename", { id: items[0].id, name: "neon_renamed" });
  await served.rpc("account_sign_in", { key: "demo-token" });
  await served.rpc("vault_sync", {});
  await served.stopServing();
  await served.serve("127.0.0.1:0", ["--read-only"]);
  before_ = JSON.stringify(await state());
});
after(() => served?.stop());

/** What somebody could have changed. What Civitai says of a model is asked for by looking at it, also here. */
const state = async () => [
  await served.rpc("settings_get"),
  (await served.rpc("library_list", {})).items.map(({ id, path, favourite, rating, tags, has_note, version_id }) => ({ id, path, favourite, rating, tags, has_note, version_id })),
  await served.rpc("activity_list"),
  await served.rpc("downloads_list"),
  (await served.rpc("roots_list")).map(({ path, sidecars, places }) => ({ path, sidecars, places })),
  await served.rpc("views_list"),
];

/** A page that counts what was refused. */
async function opened(path, options = {}) {
  const page = await served.open({ path: `/#/${path}`, ...options });
  page.refused = [];
  page.on("response", (answer) => answer.status() === 403 && page.refused.push(answer.url()));
  await page.getByText(/^Read only/).waitFor();
  return page;
}

test("whatever can be pressed is pressed at every place, and nothing is refused, for nothing is asked", async () => {
  for (const place of ["library", "vault", "downloads", "discover", "care", "activity", "needs", "settings"]) {
    const page = await opened(place);
    await clean(page, `${place}, read only`);
    await picture(page, `read-only-${place}-dark`);
    const pressed = await page.evaluate(async () => {
      const seen = new Set();
      for (let round = 0; round < 3; round++) {
        for (const control of document.querySelectorAll("main button, main [role=switch], main input, main [role=menuitem], [role=menu] [role=menuitem], section[aria-label=Scan] button")) {
          if (control.matches(":disabled") || seen.has(control)) continue;
          seen.add(control);
          control.click();
          await new Promise((resolve) => requestAnimationFrame(resolve));
        }
      }
      return seen.size;
    });
    assert.deepEqual(page.refused, [], `${place}, ${pressed} controls pressed`);
    await page.context().close();
  }
  assert.equal(JSON.stringify(await state()), before_);
});

test("what was noted is shown, and takes no change", async () => {
  const item = await served.item("neon alley");
  const page = await opened(`library/${item.id}`);
  const panel = details(page);
  await panel.getByText("mine", { exact: true }).waitFor();
  assert.equal(await panel.getByRole("textbox", { name: "Note" }).inputValue(), "kept");
  assert.equal(await panel.getByRole("button", { name: "Favourite" }).isDisabled(), true);
  assert.equal(await panel.getByRole("combobox").count(), 0);
  await panel.getByRole("button", { name: /^Actions for/ }).click();
  const menu = await page.getByRole("menuitem").allTextContents();
  assert.deepEqual(menu, ["Copy path"]);
  await clean(page, "details, read only");
  await picture(page, "read-only-details-dark");
  await page.context().close();
});

test("keys, drops and the palette change nothing either", async () => {
  const page = await opened("library");
  await page.locator("#item-0").waitFor();
  await list(page).focus();
  await page.keyboard.press("ControlOrMeta+a");
  await bar(page).getByText(/selected/).waitFor();
  for (const key of ["Delete", "5", "ControlOrMeta+z"]) await page.keyboard.press(key);
  assert.equal(await page.getByRole("dialog").count(), 0);
  const buttons = await bar(page).getByRole("button").evaluateAll((all) => all.map((each) => each.getAttribute("aria-label") ?? each.textContent));
  assert.deepEqual(buttons, ["Clear the selection"]);
  await page.keyboard.press("Escape");
  await page.keyboard.press("ControlOrMeta+k");
  const names = await page.getByRole("dialog").getByRole("option").allTextContents();
  assert.ok(names.every((name) => !/scan|theme|pause|resume|anew/i.test(name)), names.join("; "));
  await page.keyboard.press("Escape");
  assert.deepEqual(page.refused, []);
  assert.equal(JSON.stringify(await state()), before_);
  await page.context().close();
});

test("it is as calm on a phone", async () => {
  const page = await opened("library", { width: 390, height: 844 });
  await page.locator("#item-0").waitFor();
  await clean(page, "read only on a phone");
  await picture(page, "read-only-phone-dark");
  await until("said", () => page.getByText(/^Read only/).isVisible());
  await page.context().close();
});
