import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";

import { openApp } from "../../test/render";
import type { FakeOptions } from "../../platform/fake";

async function openSettings(options: FakeOptions = {}) {
  location.hash = "#/settings";
  const app = openApp(options);
  await screen.findByRole("heading", { level: 1, name: "Settings" });
  return app;
}

test("removing a folder says how much leaves the library, and asks first", async () => {
  const { user, called } = await openSettings();
  await user.click(await screen.findByRole("button", { name: "Remove ComfyUI" }));
  const dialog = screen.getByRole("dialog");
  expect(dialog.textContent).toMatch(/\d+ files \(.* GiB\) leave the library\. Nothing on disk/);
  expect(called("roots_remove")).toHaveLength(0);
  await user.click(within(dialog).getByRole("button", { name: "Remove from library" }));
  await waitFor(() => expect(called("roots_remove")).toHaveLength(1));
  await waitFor(() => expect(screen.queryByRole("button", { name: "Remove ComfyUI" })).toBeNull());
});

test("an installation found is added and looked through", async () => {
  const { user, called } = await openSettings();
  await user.click(await screen.findByRole("button", { name: "Add SwarmUI" }));
  await waitFor(() => expect(called("scan_start").map((call) => call.request)).toEqual([{ roots: [4], depth: "usual" }]));
});

test("a choice holds at once, and is taken back when it cannot be saved", async () => {
  const { user, platform } = await openSettings();
  await user.click(await screen.findByRole("radio", { name: "Dark" }));
  await waitFor(() => expect(document.documentElement.dataset["theme"]).toBe("dark"));
  expect(platform.settings.theme).toBe("dark");

  platform.fail = { settings_set: { code: "io", message: "Could not write the settings", hint: null, retryable: false } };
  await user.click(screen.getByRole("radio", { name: "Light" }));
  expect((await screen.findByRole("alert")).textContent).toContain("Could not write the settings");
  await waitFor(() => expect(screen.getByRole("radio", { name: "Dark" })).toHaveProperty("checked", true));
});
