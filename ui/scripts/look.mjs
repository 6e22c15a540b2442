// Opens every state of the page with the fake engine, at three widths and in both themes, lets axe judge it and takes
// pictures into test-results/look. `npm run look`, or `npm run look -- scan` for the scenes whose name matches.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { chromium } from "playwright-core";
import { createServer } from "vite";

const out = new URL("../test-results/look/", import.meta.url).pathname;
const axeSource = await readFile(new URL("../node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
const only = new RegExp(process.argv[2] ?? "");
const sizes = { desk: [1280, 800], small: [900, 600], phone: [390, 844] };

const openFirst = async (page) => {
  await page.locator("#item-0").click();
  await page.getByRole("complementary", { name: "Details" }).getByRole("heading", { level: 2 }).waitFor();
  await page.waitForTimeout(250);
};
const scrollDetails = async (page) => {
  await openFirst(page);
  await page.waitForTimeout(250);
  await page.getByRole("complementary", { name: "Details" }).evaluate((element) => element.scrollTo(0, 620));
};

/** By keyboard: on a phone there is no Ctrl to click with. */
const selectSome = async (page) => {
  const list = page.locator('[role="listbox"], [role="grid"]').first();
  await list.focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("Space");
  for (let more = 0; more < 3; more += 1) await page.keyboard.press("Shift+ArrowDown");
  const columns = await page.locator("#item-0").evaluate((card) => Math.round(card.parentElement.clientWidth / card.clientWidth));
  if (columns > 1) {
    await page.keyboard.press("Escape");
    await page.keyboard.press("Home");
    await page.keyboard.press("Space");
    for (let more = 0; more < 3; more += 1) await page.keyboard.press("Shift+ArrowRight");
  }
  await page.getByText("4 selected").waitFor();
};

const scenes = {
  discover: {
    query: "fake",
    hash: "#/discover",
    act: async (page) => {
      await page.getByRole("option").first().waitFor();
      await page.waitForTimeout(400);
    },
  },
  "discover-model": { query: "fake=vault", hash: "#/discover/501" },
  "discover-paid": { query: "fake", hash: "#/discover/508" },
  "discover-plan": {
    query: "fake",
    hash: "#/discover/501",
    act: async (page) => {
      await page.getByRole("button", { name: /^Download…/ }).click();
      const plan = page.getByRole("region", { name: "What would be downloaded" });
      await plan.waitFor();
      await plan.scrollIntoViewIfNeeded();
    },
  },
  "discover-filters": {
    query: "fake",
    hash: "#/discover",
    act: async (page) => {
      await page.getByRole("button", { name: "Base model" }).click();
      await page.getByRole("menuitemcheckbox").first().waitFor();
    },
  },
  library: { query: "fake=done" },
  inspector: { query: "fake=scan", act: openFirst },
  "inspector-facts": { query: "fake=scan", act: scrollDetails },
  "inspector-end": {
    query: "fake",
    act: async (page) => {
      await openFirst(page);
      await page.waitForTimeout(200);
      await page.getByText("Metadata in the file").click();
      await page.getByRole("complementary", { name: "Details" }).evaluate((element) => element.scrollTo(0, 9999));
    },
  },
  ...Object.fromEntries(
    Object.entries({ sampled: 2, imported: 3, altered: 6, linked: 9, embedded: 14, corrected: 15, removed: 18, corrected2: 22 }).map(([name, index]) => [
      `known-${name}`,
      {
        query: "fake",
        act: async (page) => {
          // By keyboard: on a small page the card is not drawn yet.
          await page.getByRole("listbox").focus();
          for (let moved = -1; moved < index; moved += 1) await page.keyboard.press("ArrowRight");
          await page.locator(`#item-${index}`).click();
          await page.waitForTimeout(300);
          await page.getByTestId("state").scrollIntoViewIfNeeded();
        },
      },
    ]),
  ),
  "known-beside": {
    query: "fake",
    act: async (page) => {
      await openFirst(page);
      await page.getByRole("heading", { name: "Beside the file" }).scrollIntoViewIfNeeded();
      await page.getByRole("heading", { name: "History" }).scrollIntoViewIfNeeded();
    },
  },
  "link-dialog": {
    query: "fake",
    act: async (page) => {
      await page.locator("#item-4").click();
      await page.getByRole("button", { name: "Link to a model…" }).click();
      await page.getByRole("textbox", { name: "Model at Civitai" }).fill("my favourite");
      await page.keyboard.press("Enter");
      await page.getByRole("alert").waitFor();
    },
  },
  "scan-recognising": { query: "fake=recognising" },
  "scan-verifying": { query: "fake=verifying" },
  "settings-folders": {
    query: "fake",
    hash: "#/settings",
    act: async (page) => {
      await page.getByText(/^Written beside models/).first().click();
      await page.getByRole("switch", { name: /preview picture where/ }).first().click();
      await page.waitForTimeout(150);
    },
  },
  "settings-kinds": {
    query: "fake",
    hash: "#/settings",
    act: async (page) => {
      await page.getByText(/^Folders by kind/).first().click();
      const another = page.getByRole("textbox", { name: "Folder for one more kind" }).first();
      await another.fill("models/loras/mine");
      await page.keyboard.press("Enter");
      await page.getByRole("textbox", { name: "Folder for LoRA" }).fill("/etc");
      await page.keyboard.press("Enter");
      await page.getByRole("alert").waitFor();
      await page.getByRole("alert").scrollIntoViewIfNeeded();
    },
  },
  "inspector-waiting": {
    query: "fake",
    act: async (page) => {
      await page.locator("#item-7").click();
      await page.waitForTimeout(250);
    },
  },
  "inspector-blurred": {
    query: "fake",
    act: async (page) => {
      await page.locator("#item-5").click();
      await page.waitForTimeout(300);
    },
  },
  list: {
    query: "fake=done-problem",
    act: async (page) => {
      await page.getByRole("radio", { name: "List" }).check({ force: true });
      await page.waitForTimeout(150);
    },
  },
  "list-inspector": {
    query: "fake=paused",
    act: async (page) => {
      await page.getByRole("radio", { name: "List" }).check({ force: true });
      await openFirst(page);
    },
  },
  filtered: {
    query: "fake=walking",
    act: async (page) => {
      await page.getByRole("searchbox").fill("cloud");
      await page.getByRole("button", { name: /^LoRA/ }).click();
      await page.getByRole("button", { name: "Base model" }).click();
      await page.getByRole("menuitemcheckbox", { name: /Pony/ }).click();
      await page.waitForTimeout(200);
    },
  },
  nothing: {
    query: "fake",
    act: async (page) => {
      await page.getByRole("searchbox").fill("zebra");
      await page.getByText("Nothing matches").waitFor();
    },
  },
  deep: {
    query: "fake&items=20000",
    act: async (page) => {
      await page.getByRole("listbox").focus();
      await page.keyboard.press("End");
      await page.waitForTimeout(500);
    },
  },
  loading: { query: "fake=loading" },
  error: { query: "fake=error" },
  unreachable: { query: "fake=unreachable" },
  empty: { query: "fake=empty" },
  failed: { query: "fake=failed" },
  lost: { query: "fake=lost", act: (page) => page.waitForTimeout(1400) },
  "first-run": { query: "fake=first-run" },
  "first-run-none": { query: "fake=first-run-none" },
  downloads: { query: "fake=downloads", hash: "#/downloads" },
  "downloads-end": {
    query: "fake=downloads",
    hash: "#/downloads",
    act: (page) => page.getByRole("main").evaluate((element) => element.scrollTo(0, 9999)),
  },
  "downloads-plan": {
    query: "fake=downloads-none",
    hash: "#/downloads",
    act: async (page) => {
      await page.getByRole("textbox").fill("1001");
      await page.keyboard.press("Enter");
      await page.getByRole("region", { name: "What would be downloaded" }).waitFor();
      await page.getByLabel("Folder", { exact: true }).selectOption("2");
      await page.getByText("There is not enough room").waitFor();
    },
  },
  "downloads-refused": {
    query: "fake=downloads-none",
    hash: "#/downloads",
    act: async (page) => {
      await page.getByRole("textbox").fill("my favourite");
      await page.keyboard.press("Enter");
      await page.getByRole("alert").waitFor();
    },
  },
  "downloads-cancel": {
    query: "fake=downloads",
    hash: "#/downloads",
    act: (page) => page.getByRole("button", { name: "Cancel all" }).click(),
  },
  "downloads-limit": {
    query: "fake=downloads",
    hash: "#/downloads",
    act: (page) => page.getByRole("button", { name: /^Speed limit/ }).nth(1).click(),
  },
  "downloads-limit-other": {
    query: "fake=downloads",
    hash: "#/downloads",
    act: async (page) => {
      await page.getByRole("button", { name: /^Speed limit/ }).nth(1).click();
      await page.getByRole("menuitem", { name: "Another speed…" }).click();
      await page.getByRole("spinbutton").fill("2.5");
    },
  },
  "downloads-drag": {
    query: "fake=downloads",
    hash: "#/downloads",
    act: async (page) => {
      const { x, y } = await page.locator("[data-grip]").nth(1).boundingBox();
      await page.mouse.move(x + 5, y + 5);
      await page.mouse.down();
      await page.mouse.move(x + 5, y - 45, { steps: 3 });
      await page.waitForTimeout(200);
    },
  },
  "downloads-many": {
    query: "fake=downloads-many",
    hash: "#/downloads",
    act: async (page) => {
      await page.getByRole("main").evaluate((element) => element.scrollTo(0, 40_000));
      await page.waitForTimeout(300);
      await page.getByRole("button", { name: /^Speed limit/ }).nth(4).click();
    },
  },
  "downloads-none": { query: "fake=downloads-none", hash: "#/downloads" },
  "downloads-loading": { query: "fake=downloads-loading", hash: "#/downloads" },
  "downloads-error": { query: "fake=downloads-error", hash: "#/downloads" },
  care: { query: "fake", hash: "#/care" },
  ...Object.fromEntries(
    ["updates", "damaged", "misplaced", "unsafe", "orphans", "missing"].map((list) => [`care-${list}`, { query: "fake", hash: `#/care/${list}` }]),
  ),
  "care-copies": {
    query: "fake",
    hash: "#/care/duplicates",
    act: (page) => page.getByRole("button", { name: /^Trash all others/ }).click(),
  },
  "care-done": {
    query: "fake",
    hash: "#/care/orphans",
    act: async (page) => {
      await page.getByRole("button", { name: /^Trash…: / }).first().click();
      await page.getByRole("button", { name: "Move to trash" }).click();
      await page.getByRole("region", { name: "What was just done" }).waitFor();
    },
  },
  "care-none": { query: "fake=care-none", hash: "#/care" },
  "care-loading": { query: "fake=care-loading", hash: "#/care" },
  "care-error": { query: "fake=care-error", hash: "#/care" },
  vault: { query: "fake=vault", hash: "#/vault" },
  "vault-selected": {
    query: "fake=vault",
    hash: "#/vault",
    act: async (page) => {
      await page.getByText("Missing 12").click();
      await page.getByRole("checkbox").nth(1).check();
      await page.getByRole("checkbox").nth(2).check();
    },
  },
  "vault-refused": {
    query: "fake=vault",
    hash: "#/vault",
    act: async (page) => {
      await page.getByRole("button", { name: /^Download all missing/ }).click();
      await page.getByText(/could not be put into the queue/).waitFor();
    },
  },
  "vault-large": {
    query: "fake=vault-large",
    hash: "#/vault",
    act: async (page) => {
      await page.locator("main li").first().getByRole("checkbox").focus();
      await page.keyboard.press("End");
      await page.waitForTimeout(300);
    },
  },
  "vault-options": {
    query: "fake=vault",
    hash: "#/vault",
    act: async (page) => {
      await page.getByRole("button", { name: /^Choose what to download of/ }).first().click();
      await page.getByRole("checkbox", { name: /^Details/ }).check();
    },
  },
  "vault-options-several": {
    query: "fake=vault",
    hash: "#/vault",
    act: async (page) => {
      await page.getByRole("checkbox", { name: "Select all shown" }).check();
      await page.getByRole("button", { name: "Choose…" }).click();
    },
  },
  "vault-out": {
    query: "fake=vault",
    hash: "#/vault",
    act: (page) => page.getByRole("button", { name: /^Take .* out of the vault/ }).first().click(),
  },
  "vault-over": { query: "fake=vault-over", hash: "#/vault" },
  "vault-none": { query: "fake=vault-none", hash: "#/vault" },
  "vault-unread": { query: "fake=vault-unread", hash: "#/vault" },
  "vault-loading": { query: "fake=downloads-loading", hash: "#/vault" },
  "vault-error": { query: "fake=downloads-error", hash: "#/vault" },
  "vault-signed-out": { query: "fake=signed-out", hash: "#/vault" },
  "account-in": { query: "fake", hash: "#/settings/account" },
  "account-out": { query: "fake=signed-out", hash: "#/settings/account" },
  "account-refused": { query: "fake=key-refused", hash: "#/settings/account" },
  link: {
    query: "fake",
    hash: "#/settings/link",
    act: async (page) => {
      await page.getByRole("button", { name: "Pair with civitai.com" }).click();
      await page.getByRole("textbox", { name: "Code from civitai.com" }).fill("12 34 zz");
      await page.keyboard.press("Enter");
      await page.getByRole("alert").waitFor();
      await page.getByRole("heading", { name: "Civitai Link" }).scrollIntoViewIfNeeded();
    },
  },
  "link-pictures": {
    query: "fake=link-unreachable",
    hash: "#/settings/link",
    act: async (page) => {
      await page.getByRole("button", { name: "Use civitai.red too" }).click();
      await page.getByRole("textbox", { name: "Code from civitai.red" }).fill("4f09ac");
      await page.keyboard.press("Enter");
      await page.getByRole("alert").waitFor();
      await page.getByText(/^Was this computer paired before/).scrollIntoViewIfNeeded();
    },
  },
  "link-connected": { query: "fake=link-connected", hash: "#/settings/link" },
  "link-waiting": { query: "fake=link-waiting", hash: "#/settings/link" },
  "link-offline": { query: "fake=link-offline", hash: "#/settings/link" },
  "link-removed": { query: "fake=link-removed", hash: "#/settings/link" },
  "link-error": { query: "fake=link-error", hash: "#/settings/link" },
  "link-leave": {
    query: "fake=link-connected",
    hash: "#/settings/link",
    act: (page) => page.getByRole("button", { name: "Leave civitai.com" }).click(),
  },
  "link-asks": { query: "fake=link-asks", act: (page) => page.getByRole("dialog").waitFor() },
  "link-put-off": {
    query: "fake=link-asks",
    hash: "#/needs",
    act: async (page) => {
      await page.getByRole("dialog").waitFor();
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: /^Decide/ }).first().waitFor();
    },
  },
  "link-more": {
    query: "fake=link-asks",
    act: async (page) => {
      await page.getByRole("dialog").waitFor();
      await page.keyboard.press("Escape");
      const more = page.getByRole("navigation", { name: "Places" }).getByRole("button", { name: /^More/ });
      if (await more.isVisible()) await more.click();
    },
  },
  "first-run-account": { query: "fake=first-run", act: (page) => page.getByText("Have a Civitai account?").click() },
  "settings-downloads": {
    query: "fake=downloads",
    hash: "#/settings",
    act: async (page) => {
      await page.getByText(/^Subfolders for downloads/).first().click();
      await page.getByRole("textbox", { name: /^Subfolders for downloads/ }).first().fill("{base_model}/{creator}");
      await page.getByRole("switch", { name: "Limit the speed" }).click();
      await page.getByRole("heading", { name: "Downloads" }).scrollIntoViewIfNeeded();
    },
  },
  palette: { query: "fake=scan", act: (page) => page.keyboard.press("Control+k").then(() => page.getByRole("combobox").waitFor()) },
  "palette-models": {
    query: "fake",
    act: async (page) => {
      await page.keyboard.press("Control+k");
      await page.getByRole("combobox").waitFor();
      await page.keyboard.type("paper");
      await page.getByRole("option", { name: /^Show all/ }).waitFor();
    },
  },
  "palette-link": {
    query: "fake",
    act: async (page) => {
      await page.keyboard.press("Control+k");
      await page.getByRole("combobox").waitFor();
      await page.keyboard.insertText("https://civitai.com/models/827184?modelVersionId=2514310");
      await page.getByRole("option", { name: /^See what/ }).waitFor();
    },
  },
  "palette-nothing": {
    query: "fake",
    act: async (page) => {
      await page.keyboard.press("Control+k");
      await page.getByRole("combobox").waitFor();
      await page.keyboard.type("zebra");
      await page.getByText("Nothing matches").waitFor();
    },
  },
  shortcuts: { query: "fake", act: (page) => page.keyboard.press("?").then(() => page.getByRole("dialog").waitFor()) },
  "drop-link": {
    query: "fake",
    act: (page) =>
      page.evaluate(() => {
        const data = new window.DataTransfer();
        data.setData("text/uri-list", "https://civitai.com/models/1");
        document.body.dispatchEvent(new window.DragEvent("dragover", { bubbles: true, cancelable: true, dataTransfer: data }));
      }),
  },
  "drop-folder": {
    query: "fake",
    act: (page) => page.evaluate(() => window.dispatchEvent(new window.CustomEvent("fake-drag", { detail: { type: "enter", paths: ["/home/sam/SwarmUI"] } }))),
  },
  "drop-sheet": {
    query: "fake",
    act: async (page) => {
      const paths = ["/home/sam/SwarmUI", "/home/sam/ComfyUI/models/loras/inkwash_new.safetensors", "/data/downloads/found.ckpt", "/data/cat.png"];
      await page.evaluate((detail) => window.dispatchEvent(new window.CustomEvent("fake-drag", { detail })), { type: "drop", paths });
      await page.getByText("In none of your folders").waitFor();
    },
  },
  "drop-browser": {
    query: "fake=browser",
    act: async (page) => {
      await page.evaluate(() => {
        const data = new window.DataTransfer();
        data.items.add(new window.File(["x"], "neon_alley_rain_v2.safetensors"));
        document.body.dispatchEvent(new window.DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: data }));
      });
      await page.getByText("A file of this name is in the library").waitFor();
    },
  },
  viewer: {
    query: "fake",
    act: async (page) => {
      await openFirst(page);
      await page.getByRole("button", { name: "Enlarge the preview" }).click();
      await page.getByRole("dialog").waitFor();
      await page.waitForTimeout(200);
    },
  },
  "viewer-blurred": {
    query: "fake",
    act: async (page) => {
      await openFirst(page);
      await page.getByRole("button", { name: "Enlarge the preview" }).click();
      await page.getByRole("dialog").waitFor();
      await page.keyboard.press("ArrowRight");
      await page.keyboard.press("ArrowRight");
      await page.waitForTimeout(200);
    },
  },
  "inspector-metadata": {
    query: "fake",
    act: async (page) => {
      await openFirst(page);
      await page.getByText("Metadata in the file").click();
      await page.getByRole("button", { name: "Unfold ss_tag_frequency" }).click();
      await page.getByRole("button", { name: /^10_inkwash/ }).click();
      await page.getByRole("complementary", { name: "Details" }).evaluate((element) => element.scrollTo(0, 99999));
    },
  },
  hostile: { query: "fake=hostile", act: openFirst },
  "hostile-script": {
    query: "fake=hostile",
    act: async (page) => {
      await page.locator("#item-1").click();
      await page.waitForTimeout(400);
      await page.getByText("Trigger words").scrollIntoViewIfNeeded();
    },
  },
  "hostile-long": {
    query: "fake=hostile",
    act: async (page) => {
      await page.getByRole("listbox").focus();
      for (let moved = 0; moved < 4; moved += 1) await page.keyboard.press("ArrowRight");
      await page.keyboard.press("Enter");
      await page.waitForTimeout(400);
    },
  },
  needs: { query: "fake=key-refused", hash: "#/needs" },
  "needs-none": { query: "fake=empty", hash: "#/needs" },
  "needs-error": { query: "fake=downloads-error", hash: "#/needs" },
  marks: {
    query: "fake",
    act: async (page) => {
      await page.locator("#item-3").click();
      await page.getByRole("combobox", { name: "Add a tag" }).fill("keep");
      await page.getByRole("combobox", { name: "Add a tag" }).scrollIntoViewIfNeeded();
      await page.keyboard.press("ArrowDown");
      await page.waitForTimeout(200);
    },
  },
  "marks-refused": {
    query: "fake=refused",
    act: async (page) => {
      await openFirst(page);
      await page.getByRole("textbox", { name: "Note" }).fill("Holds up at 0.6 with the paper LoRA.\nAbove 0.9 the edges burn.");
      await page.keyboard.press("Control+Enter");
      await page.getByRole("alert").waitFor();
      await page.getByRole("alert").scrollIntoViewIfNeeded();
    },
  },
  "views-menu": {
    query: "fake",
    act: async (page) => {
      await page.getByRole("button", { name: /^Favourites/ }).click();
      await page.getByRole("button", { name: "Saved searches" }).click();
    },
  },
  "views-save": {
    query: "fake=refused",
    act: async (page) => {
      await page.getByRole("searchbox").fill("cloud");
      await page.waitForTimeout(200);
      await page.getByRole("button", { name: "Saved searches" }).click();
      await page.getByRole("menuitem", { name: "Save this search…" }).click();
      await page.getByRole("textbox", { name: "Name" }).fill("to sort");
      await page.keyboard.press("Enter");
      await page.getByRole("alert").waitFor();
    },
  },
  "views-edit": {
    query: "fake",
    act: async (page) => {
      await page.getByRole("button", { name: "Saved searches" }).click();
      await page.getByRole("menuitem", { name: "Edit saved searches…" }).click();
      await page.getByRole("button", { name: "Remove “To sort”" }).click();
      await page.getByRole("button", { name: /^Put/ }).waitFor();
    },
  },
  "facet-tags": { query: "fake", act: (page) => page.getByRole("button", { name: "Tags" }).click() },
  selected: { query: "fake", act: selectSome },
  "selected-list": {
    query: "fake",
    act: async (page) => {
      await page.getByRole("radio", { name: "List" }).check({ force: true });
      await selectSome(page);
    },
  },
  "selected-all": {
    query: "fake&items=20000",
    act: async (page) => {
      await page.getByRole("listbox").focus();
      await page.keyboard.press("Control+a");
      await page.getByText("20,000 selected").waitFor();
      await page.getByRole("button", { name: "Rate" }).click();
      await page.getByRole("menuitem", { name: "4 stars" }).click();
      await page.getByText(/have not been read yet/).waitFor();
    },
  },
  "selected-more": {
    query: "fake",
    act: async (page) => {
      await selectSome(page);
      await page.getByRole("button", { name: "More", exact: true }).click();
    },
  },
  "selected-tags": {
    query: "fake",
    act: async (page) => {
      await selectSome(page);
      await page.getByRole("button", { name: "Tags…" }).click();
      await page.getByRole("combobox", { name: "Tag to put on" }).fill("Prints");
      await page.keyboard.press("Enter");
      await page.getByRole("combobox", { name: "Tag to take off" }).focus();
    },
  },
  "item-menu": { query: "fake", act: (page) => page.locator("#item-0").click({ button: "right" }) },
  "item-menu-inspector": {
    query: "fake",
    act: async (page) => {
      await openFirst(page);
      await page.getByRole("button", { name: /^Actions for/ }).click();
    },
  },
  "rename-dialog": {
    query: "fake=refused",
    act: async (page) => {
      await page.locator("#item-0").click({ button: "right" });
      await page.getByRole("menuitem", { name: "Rename…" }).click();
      await page.getByRole("textbox", { name: "Name" }).fill("harbour_light_xl");
      await page.keyboard.press("Enter");
      await page.getByRole("alert").waitFor();
    },
  },
  "move-dialog": {
    query: "fake",
    act: async (page) => {
      await selectSome(page);
      await page.getByRole("button", { name: "Move…" }).click();
      await page.getByRole("textbox", { name: "Folder in it" }).fill("pictures");
      await page.keyboard.press("Enter");
      await page.getByRole("alert").waitFor();
    },
  },
  "trash-dialog": {
    query: "fake",
    act: async (page) => {
      await page.getByRole("listbox").focus();
      await page.keyboard.press("Control+a");
      await page.getByText("1,284 selected").waitFor();
      await page.keyboard.press("Delete");
      await page.getByRole("dialog").waitFor();
    },
  },
  "trash-undo": {
    query: "fake",
    act: async (page) => {
      await selectSome(page);
      await page.keyboard.press("Delete");
      await page.getByRole("button", { name: /^Move 4 to trash/ }).click();
      await page.getByRole("region", { name: "What was just done" }).waitFor();
      await page.waitForTimeout(300);
    },
  },
  activity: { query: "fake", hash: "#/activity" },
  "activity-none": { query: "fake=activity-none", hash: "#/activity" },
  "activity-loading": { query: "fake=activity-loading", hash: "#/activity" },
  "activity-error": { query: "fake=activity-error", hash: "#/activity" },
  settings: { query: "fake=browser", hash: "#/settings" },
  "settings-end": {
    query: "fake",
    hash: "#/settings",
    act: (page) => page.getByRole("main").evaluate((element) => element.scrollTo(0, 9999)),
  },
  "settings-remove": {
    query: "fake",
    hash: "#/settings",
    act: (page) => page.getByRole("button", { name: "Remove ComfyUI" }).click(),
  },
};

await mkdir(out, { recursive: true });
const server = await createServer({ server: { port: 0, host: "127.0.0.1", hmr: false, watch: null }, logLevel: "error" });
await server.listen();
const base = server.resolvedUrls.local[0];
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});

let problems = 0;
const complain = (name, what) => {
  problems += 1;
  console.log(`FAIL ${name}: ${what}`);
};
for (const [sizeName, [width, height]] of Object.entries(sizes)) {
  for (const theme of ["dark", "light"]) {
    const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme, reducedMotion: "reduce", locale: "en-GB" });
    // Before the page reads it: the scene before may have chosen another view.
    await context.addInitScript(() => window.localStorage.clear());
    for (const [sceneName, scene] of Object.entries(scenes)) {
      const name = `${sceneName}-${sizeName}-${theme}`;
      if (!only.test(name)) continue;
      const page = await context.newPage();
      page.on("pageerror", (error) => complain(name, error.message));
      page.on("console", (message) => message.type() === "error" && complain(name, message.text()));
      try {
        await page.goto(`${base}?${scene.query}${scene.hash ?? ""}`);
        await page.locator("main").first().waitFor();
        await page.waitForTimeout(250);
        await scene.act?.(page);
        await page.screenshot({ path: `${out}${name}.png` });
        await page.evaluate(axeSource);
        const result = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
        for (const violation of result.violations) {
          complain(name, `${violation.id}: ${violation.help}\n   ${violation.nodes.slice(0, 3).map((node) => `${node.target.join(" ")} ${node.any[0]?.message ?? ""}`).join("\n   ")}`);
        }
        const acted = await page.evaluate(() => window.acted === true || document.querySelector(".prose :is(img, script, svg, iframe, form, input, style, math), .prose [style], .prose [onclick], .prose [href^='javascript']") !== null);
        if (acted) complain(name, "an author's text may act");
        const wide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
        if (wide) complain(name, "scrolls sideways");
      } catch (error) {
        complain(name, error.message.split("\n").slice(0, 3).join(" "));
      }
      await page.close();
    }
    await context.close();
  }
}
await browser.close();
await server.close();
await writeFile(`${out}done.txt`, `${problems} problems\n`);
console.log(`${problems} problems; pictures in ${out}`);
process.exit(problems === 0 ? 0 : 1);
