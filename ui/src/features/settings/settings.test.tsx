import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";

import { signedIn } from "../../platform/fake";
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

test("what is told while settings are being saved does not take the next change back", async () => {
  const { user, platform } = await openSettings();
  const limit = await screen.findByRole("switch", { name: "Limit the speed" });
  const saved: (() => void)[] = [];
  platform.holding = (name) => (name === "settings_set" ? new Promise((done) => saved.push(done)) : null);
  await user.click(limit);
  // As when another change was saved just before: what it tells arrives while this one is on its way.
  platform.emit({ event: "settings_changed" });
  await new Promise((done) => setTimeout(done, 50));
  await user.click(screen.getByRole("switch", { name: "Only at certain hours" }));
  await waitFor(() => expect(saved).toHaveLength(1));
  saved[0]?.();
  await waitFor(() => expect(saved).toHaveLength(2));
  saved[1]?.();
  await waitFor(() => expect(platform.settings.download_hours).not.toBeNull());
  expect(platform.settings.download_limit).toBeGreaterThan(0);
});

test("notifications can be switched off where there are any", async () => {
  const { user, platform } = await openSettings();
  await user.click(await screen.findByRole("switch", { name: "Notify from the tray" }));
  await waitFor(() => expect(platform.settings.notifications).toBe(false));
});

test("the app starts at login if the system says so, not if it was asked for", async () => {
  const { user, platform } = await openSettings();
  const start = await screen.findByRole("switch", { name: "Start at login" });
  await user.click(start);
  await waitFor(() => expect(platform.atLogin).toBe(true));
  await waitFor(() => expect(start.getAttribute("aria-checked")).toBe("true"));

  platform.atLoginFails = { code: "io", message: "Could not take Modeldock off what starts at login", hint: null, retryable: false };
  await user.click(start);
  expect((await screen.findByRole("alert")).textContent).toContain("Could not take Modeldock off");
  await waitFor(() => expect(start.getAttribute("aria-checked")).toBe("true"));
});

test("a browser has no tray to set up", async () => {
  await openSettings({ capabilities: { notify: false, startAtLogin: false } });
  await screen.findByRole("switch", { name: "Fetch preview pictures" });
  expect(screen.queryByRole("switch", { name: "Notify from the tray" })).toBeNull();
  expect(screen.queryByRole("switch", { name: "Start at login" })).toBeNull();
});

test("each folder says how changes in it are noticed", async () => {
  await openSettings();
  expect(await screen.findByText("Changes are noticed at once")).toBeTruthy();
  expect(screen.getByText(/^Looked at again and again\. The system's limit/)).toBeTruthy();
});

test("what is written beside models is chosen folder by folder", async () => {
  const { user, called, platform } = await openSettings();
  for (const folded of await screen.findAllByText("Written beside models: nothing")) await user.click(folded);
  const group = within(screen.getByRole("group", { name: "Written beside the models in stable-diffusion-webui" }));
  expect(group.getAllByRole("switch")).toHaveLength(3);

  await user.click(group.getByRole("switch", { name: "A1111’s .json: description and activation text" }));
  await user.click(group.getByRole("switch", { name: "A preview picture where there is none" }));
  await waitFor(() => expect(called("roots_set")).toHaveLength(2));
  expect(called("roots_set").at(-1)?.request).toEqual({
    id: 2,
    sidecars: { a1111_json: true, preview: true, civitai_info: false },
  });
  expect(await screen.findByText("Written beside models: .json, preview")).toBeTruthy();

  platform.fail = { roots_set: { code: "io", message: "Could not write the library", hint: null, retryable: false } };
  await user.click(group.getByRole("switch", { name: ".civitai.info for other tools" }));
  expect((await group.findByRole("alert")).textContent).toContain("Could not write the library");
  await waitFor(() => expect(group.getByRole("switch", { name: ".civitai.info for other tools" }).getAttribute("aria-checked")).toBe("false"));
});

test("InvokeAI's folder is left alone, and says why", async () => {
  await openSettings({ roots: 4 });
  expect(await screen.findByText(/InvokeAI looks after its folder itself/)).toBeTruthy();
  expect(screen.queryByRole("group", { name: "Written beside the models in invokeai" })).toBeNull();
});

test("signing in shows whose key it is, and signing out forgets it", async () => {
  const { user, called, page } = await openSettings();
  await user.type(await screen.findByLabelText("API key"), "a-good-key{Enter}");
  expect(await screen.findByText("Signed in as ada_paints", { selector: "p" })).toBeTruthy();
  expect(screen.getByText("…a1f7")).toBeTruthy();
  expect(screen.getByText("the system’s keyring")).toBeTruthy();
  expect(page.container.innerHTML).not.toContain("a-good-key");
  await user.click(screen.getByRole("button", { name: "Sign out" }));
  expect(await screen.findByLabelText("API key")).toHaveProperty("value", "");
  expect(called("account_sign_out")).toHaveLength(1);
});

test("a key from the environment cannot be forgotten here, and says so", async () => {
  await openSettings({ account: { ...signedIn, kept_in: "environment" } });
  expect(await screen.findByText(/^To sign out, remove the key/)).toBeTruthy();
  expect(screen.queryByRole("button", { name: "Sign out" })).toBeNull();
});

test("what is wrong with a key is shown, and another one can be given", async () => {
  await openSettings({ account: { ...signedIn, signed_in: false, problem: { code: "unauthorised", message: "Civitai does not accept the key any more", hint: "Make a new one", retryable: false } } });
  expect(await screen.findByText("Civitai does not accept the key any more")).toBeTruthy();
  expect(screen.getByLabelText("API key")).toBeTruthy();
  expect(screen.getByRole("button", { name: "Sign out" })).toBeTruthy();
});

test("downloads are limited in number, speed and time", async () => {
  const { user, platform } = await openSettings();
  await user.click(await screen.findByRole("switch", { name: "Limit the speed" }));
  const rate = screen.getByRole("spinbutton", { name: "MiB per second" });
  await user.clear(rate);
  await user.type(rate, "2.5{Enter}");
  await waitFor(() => expect(platform.settings.download_limit).toBe(2.5 * 1024 ** 2));
  await user.click(screen.getByRole("switch", { name: "Only at certain hours" }));
  await waitFor(() => expect(platform.settings.download_hours).toEqual({ from: 1320, to: 360 }));
  const group = within(screen.getByRole("radiogroup", { name: "Downloads at once" }));
  await user.click(group.getByRole("radio", { name: "4" }));
  await waitFor(() => expect(platform.settings.downloads_at_once).toBe(4));
});

test("a folder's subfolders show an example, and a template that cannot be used says why", async () => {
  const { user, called } = await openSettings();
  for (const folded of await screen.findAllByText("Subfolders for downloads: none")) await user.click(folded);
  const field = screen.getByRole("textbox", { name: "Subfolders for downloads in ComfyUI" });
  await user.type(field, "{{base_model}/{{creator}");
  expect(screen.getByText("LoRA / SDXL 1.0 / ada_paints / ink_and_wash_v2.safetensors")).toBeTruthy();
  await user.type(field, "{Enter}");
  expect(await screen.findByText("Subfolders for downloads: {base_model}/{creator}")).toBeTruthy();
  expect(called("roots_set").map((call) => call.request)).toEqual([{ id: 1, places: { overrides: {}, template: "{base_model}/{creator}" } }]);
  await user.clear(field);
  await user.type(field, "..{Enter}");
  expect((await screen.findByRole("alert")).textContent).toContain("An example is {base_model}/{creator}");
});
