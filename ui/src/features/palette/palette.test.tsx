import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";

import type { FakeOptions } from "../../platform/fake";
import { openApp } from "../../test/render";

async function openPalette(options: FakeOptions = {}) {
  const app = openApp(options);
  await screen.findByRole("option", { name: /^Ink and Wash Landscapes ?,/ });
  await app.user.keyboard("{Control>}k{/Control}");
  const dialog = await screen.findByRole("dialog", { name: "Commands" });
  const field = within(dialog).getByRole("combobox");
  const option = () => within(dialog).getByRole("option", { selected: true });
  return { ...app, dialog: within(dialog), field, option };
}

test("a few letters and Enter go to a place; the focus is in it", async () => {
  const { user, field, option } = await openPalette();
  expect(document.activeElement).toBe(field);
  await user.keyboard("vau");
  expect(option().textContent).toMatch(/^Vault/);
  expect(field.getAttribute("aria-activedescendant")).toBe(option().id);
  await user.keyboard("{Enter}");
  expect(location.hash).toBe("#/vault");
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  await waitFor(() => expect(document.activeElement).toBe(screen.getByRole("main")));
});

test("Esc gives the focus back to where it was, and so does the same shortcut again", async () => {
  const { user, page } = await openPalette();
  await user.keyboard("{Control>}k{/Control}");
  expect(screen.queryByRole("dialog")).toBeNull();
  const link = screen.getByRole("link", { name: /^Downloads/ });
  link.focus();
  await user.keyboard("{Control>}k{/Control}");
  const dialog = await screen.findByRole("dialog");
  // The browser says this for Esc.
  dialog.dispatchEvent(new Event("cancel", { cancelable: true }));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(document.activeElement).toBe(link);
  page.unmount();
});

test("the arrows go round, and what was run last comes first the next time", async () => {
  const { user, option } = await openPalette();
  expect(option().textContent).toMatch(/^Library/);
  await user.keyboard("{ArrowUp}");
  expect(option().textContent).toMatch(/^Keyboard shortcuts/);
  await user.keyboard("{ArrowDown}");
  await user.keyboard("downl{Enter}");
  await screen.findByRole("heading", { level: 1, name: "Downloads" });
  await user.keyboard("{Control>}k{/Control}");
  await screen.findByRole("dialog");
  await user.keyboard("dark{Enter}");
  await waitFor(() => expect(document.documentElement.dataset["theme"]).toBe("dark"));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  await user.keyboard("{Control>}k{/Control}");
  const recent = within(await screen.findByRole("group", { name: "Recent" })).getAllByRole("option");
  // The theme that is set cannot be set again.
  expect(recent.map((each) => each.textContent)).toEqual(["DownloadsGD"]);
});

test("models are found by the engine, and one opens with its details", async () => {
  const { user, dialog, option, called } = await openPalette();
  await user.keyboard("porcelain");
  await dialog.findAllByRole("option", { name: /^Porcelain Portrait/ });
  expect(called("library_list").filter((call) => (call.request as { search: string }).search.startsWith("por")).length).toBeLessThan(3);
  expect(option().textContent).toMatch(/^Porcelain Portrait/);
  await user.keyboard("{Enter}");
  const details = await screen.findByRole("complementary", { name: "Details" });
  expect(await within(details).findByRole("heading", { name: /^Porcelain Portrait/ })).toBeTruthy();
  await waitFor(() => expect(document.activeElement).toBe(details));
});

test("a link, an AIR or a number leads to the plan of a download", async () => {
  const { user, option, called } = await openPalette();
  await user.paste("urn:air:sdxl:lora:civitai:12@34");
  expect(option().textContent).toContain("urn:air:sdxl:lora:civitai:12@34");
  await user.keyboard("{Enter}");
  expect(await screen.findByRole("region", { name: "What would be downloaded" })).toBeTruthy();
  expect(called("download_add")).toEqual([]);
});

test("what fails says why and what to do, and the palette stays", async () => {
  const { user, dialog, field } = await openPalette({
    fail: { scan_start: { code: "busy", message: "A scan is running", hint: "Wait for it, or stop it", retryable: true } },
  });
  await user.keyboard("scan all{Enter}");
  expect((await dialog.findByRole("alert")).textContent).toBe("A scan is runningWait for it, or stop it");
  expect(document.activeElement).toBe(field);
  await user.keyboard("x");
  expect(dialog.queryByRole("alert")).toBeNull();
});

test("where nothing fits, that is said, and more results than are shown lead to the library", async () => {
  const { user, dialog, called } = await openPalette();
  await user.keyboard("zebra");
  expect(await dialog.findByText("Nothing matches “zebra”")).toBeTruthy();
  await user.clear(screen.getByRole("combobox"));
  await user.keyboard("safetensors");
  await user.click(await dialog.findByRole("option", { name: /^Show all/ }));
  await waitFor(() => expect(called("library_list").at(-1)?.request).toMatchObject({ search: "safetensors" }));
  expect(await screen.findByRole("searchbox")).toHaveProperty("value", "safetensors");
});

test("a running scan is paused from here, and the answer is said aloud", async () => {
  const { user, called } = await openPalette({ job: {} });
  await user.keyboard("pause scan{Enter}");
  await waitFor(() => expect(called("job_pause")).toHaveLength(1));
  await waitFor(() => expect(screen.getAllByRole("status").some((status) => status.textContent === "The scan is paused")).toBe(true));
});
