// Nothing for axe to object to, nothing that scrolls sideways and nothing that cannot be reached: every place, its
// details, menus and dialogs, in both themes, in every size and at 200 %.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { bar, clean, details, list, rows, sizes, until } from "../support/page.mjs";
import { Served } from "../support/served.mjs";

let served;
before(async () => {
  served = await Served.withLibrary({ simulator: ["--anonymous-downloads"] });
  await served.rpc("account_sign_in", { key: "demo-token" });
  await served.rpc("vault_sync", {});
  const { items } = await served.rpc("library_list", { search: "ink" });
  await served.rpc("library_mark", { ids: items.map(({ id }) => id), change: { favourite: true, rating: 4, note: "mine", add_tags: ["a tag"], remove_tags: [] } });
  await served.rpc("file_rename", { id: (await served.item("neon alley")).id, name: "renamed" });
  await served.faults({ endpoint: "storage", action: { do: "stall_after", bytes: 100 } });
  for (const version of await served.notHere(3)) await served.rpc("download_add", { what: String(version) });
  await served.rpc("view_put", { name: "Kept", query: { search: "ink" } });
});
after(() => served?.stop());

/** What lies outside the window with nothing that would scroll to it. */
const cutOff = (page) =>
  page.evaluate(() => {
    const scrolls = (element) => {
      for (let at = element.parentElement; at !== null; at = at.parentElement) {
        const { overflowX, overflowY } = getComputedStyle(at);
        if (/auto|scroll/.test(overflowX + overflowY)) return true;
      }
      return false;
    };
    return [...document.querySelectorAll("button, a[href], input, select, textarea, [role=switch], [role=menuitem]")]
      .filter((each) => each.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && each.closest("[inert], .sr-only") === null && !each.matches(".sr-only, .pointer-events-none"))
      .filter((each) => {
        const box = each.getBoundingClientRect();
        const outside = box.right > window.innerWidth + 1 || box.left < -1 || box.bottom > window.innerHeight + 1 || box.top < -1;
        return box.width > 1 && outside && !scrolls(each);
      })
      .map((each) => `${each.tagName} ${each.getAttribute("aria-label") ?? each.textContent.trim().slice(0, 40)}`);
  });

async function whole(page, where) {
  await clean(page, where);
  assert.deepEqual(await cutOff(page), [], `${where}: cut off`);
}

/** Opens something, looks at it, and closes it with Esc. */
async function over(page, where, open, role) {
  await open();
  await page.getByRole(role).first().waitFor();
  await whole(page, where);
  await until(`${where} is closed`, async () => {
    // A field's suggestions are closed first.
    await page.keyboard.press("Escape");
    return (await page.getByRole(role).count()) === 0;
  });
}

const places = {
  vault: (page) => page.getByRole("region", { name: "In the vault" }).waitFor(),
  downloads: (page) => page.getByRole("progressbar").first().waitFor(),
  discover: (page) => page.getByRole("listbox", { name: "Models at Civitai" }).getByRole("option").first().waitFor(),
  care: (page) => page.getByRole("main", { name: "Care" }).getByRole("heading", { level: 2 }).first().waitFor(),
  activity: (page) => page.getByRole("region", { name: "What was done" }).waitFor(),
  needs: (page) => page.getByRole("heading", { level: 1, name: "Needs you" }).waitFor(),
  settings: (page) => page.getByText("stable-diffusion-webui").first().waitFor(),
};

for (const theme of ["dark", "light"]) {
  for (const [name, size] of Object.entries(sizes)) {
    test(`every place, ${name}, ${theme}`, async () => {
      const page = await served.open({ ...size, theme });
      const at = (what) => `${what}, ${name}, ${theme}`;
      await page.locator("#item-0").waitFor();
      await whole(page, at("library"));
      await over(page, at("menu of a model"), () => rows(page).first().click({ button: "right" }), "menu");
      await over(page, at("saved searches"), () => page.getByRole("button", { name: /^Saved searches/ }).click(), "menu");
      await over(page, at("palette"), () => page.keyboard.press("ControlOrMeta+k"), "dialog");
      await over(page, at("shortcuts"), () => page.keyboard.press("?"), "dialog");
      await list(page).focus();
      await page.keyboard.press("ControlOrMeta+a");
      await bar(page).getByText(/selected/).waitFor();
      await whole(page, at("selection"));
      await over(page, at("more for a selection"), () => bar(page).getByRole("button", { name: "More" }).click(), "menu");
      await over(page, at("tags of a selection"), () => bar(page).getByRole("button", { name: "Tags…" }).click(), "dialog");
      await over(page, at("move a selection"), () => bar(page).getByRole("button", { name: "Move…" }).click(), "dialog");
      await over(page, at("trash a selection"), () => bar(page).getByRole("button", { name: "Trash…" }).click(), "dialog");
      await bar(page).getByRole("button", { name: "Clear the selection" }).click();
      await page.locator("#item-0").click();
      await details(page).getByRole("heading", { level: 2 }).first().waitFor();
      await details(page).getByText(/Verified, read in full|Not known|Probabl|Known to/).first().waitFor();
      await whole(page, at("details"));
      await over(page, at("menu of the details"), () => details(page).getByRole("button", { name: /^Actions for/ }).click(), "menu");
      for (const [place, ready] of Object.entries(places)) {
        await page.goto(new URL(`/#/${place}`, served.link).href);
        await ready(page);
        await whole(page, at(place));
      }
      await page.context().close();
    });
  }
}

test("the list instead of the grid, in every size", async () => {
  for (const [name, size] of Object.entries(sizes)) {
    const page = await served.open({ ...size, before: () => localStorage.setItem("modeldock.view", "list") });
    await page.getByRole("grid", { name: "Models" }).getByRole("row").nth(1).waitFor();
    await whole(page, `list, ${name}`);
    await page.context().close();
  }
});

test("while everything is on its way, and where nothing comes", async () => {
  const page = await served.open();
  await page.locator("#item-0").waitFor();
  const held = [];
  await page.route("**/rpc/*", (route) => (/settings_get|app_info|roots_list/.test(route.request().url()) ? route.continue() : held.push(route)));
  for (const place of ["library", "vault", "downloads", "discover", "care", "activity", "needs", "settings"]) {
    await page.goto(new URL(`/#/${place}`, served.link).href);
    await page.reload();
    await page.getByRole("main").first().waitFor();
    await whole(page, `${place}, on its way`);
  }
  await page.context().close();
  const failing = await served.open();
  await failing.locator("#item-0").waitFor();
  await failing.route("**/rpc/*", (route) => (/settings_get|app_info/.test(route.request().url()) ? route.continue() : route.fulfill({ status: 500, contentType: "application/json", body: JSON.stringify({ code: "database", message: "The database could not be read", hint: "Look at the log", retryable: false }) })));
  for (const place of ["library", "vault", "downloads", "discover", "care", "activity", "needs", "settings"]) {
    await failing.goto(new URL(`/#/${place}`, served.link).href);
    await failing.reload();
    await failing.getByText("The database could not be read").first().waitFor();
    await clean(failing, `${place}, failed`, /^Failed to load resource/);
  }
  await failing.context().close();
});
