import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";

import { openApp } from "../../test/render";

test("what was found is ticked; Start adds it, scans, and shows the library", async () => {
  const { user, called } = openApp({ roots: 0 });
  expect(await screen.findByRole("checkbox", { name: /ComfyUI/ })).toHaveProperty("checked", true);
  await user.click(screen.getByRole("checkbox", { name: /SwarmUI/ }));
  await user.click(screen.getByRole("button", { name: "Start" }));

  expect(await screen.findByRole("listbox", { name: "Models" })).toBeTruthy();
  expect(called("roots_add").map((call) => call.request)).toEqual([
    { path: "/home/sam/ComfyUI" },
    { path: "/home/sam/stable-diffusion-webui" },
  ]);
  expect(called("scan_start")).toHaveLength(1);
  expect(called("settings_set")).toHaveLength(0);
  expect(within(screen.getByRole("region", { name: "Scan" })).getByText("Looking through folders")).toBeTruthy();
});

test("look-up turned off is saved before anything is read", async () => {
  const { user, platform } = openApp({ roots: 0 });
  await screen.findByRole("checkbox", { name: /ComfyUI/ });
  await user.click(screen.getByRole("switch", { name: "Look models up at Civitai" }));
  expect(screen.getByText(/^Nothing\. You can turn look-up on/)).toBeTruthy();
  await user.click(screen.getByRole("button", { name: "Start" }));
  await screen.findByRole("listbox", { name: "Models" });
  const order = platform.calls.map((call) => call.name).filter((name) => name === "settings_set" || name === "scan_start");
  expect(order).toEqual(["settings_set", "scan_start"]);
  expect(platform.settings.look_up).toBe(false);
});

test("an account is a line that can be unfolded; pairing is one place further, for who wants it", async () => {
  const { user } = openApp({ roots: 0 });
  await screen.findByRole("checkbox", { name: /ComfyUI/ });
  await user.click(screen.getByText("Have a Civitai account?"));
  expect(screen.getByText(/^Nothing here needs one/)).toBeTruthy();
  await user.click(screen.getByRole("checkbox", { name: "Take me there after the start" }));
  await user.click(screen.getByRole("button", { name: "Start" }));
  expect(await screen.findByRole("region", { name: "Civitai Link" })).toBeTruthy();
  expect(location.hash).toBe("#/settings/link");
});

test("without a folder dialog a path can be typed, and Start waits for a folder", async () => {
  const { user, called } = openApp({ roots: 0, detected: [], capabilities: { pickFolder: false } });
  await screen.findByText(/No installation was found/);
  expect(screen.getByRole("button", { name: "Start" })).toHaveProperty("disabled", true);
  await user.type(screen.getByRole("textbox", { name: "Folder path" }), "/srv/models{Enter}");
  await user.click(screen.getByRole("button", { name: "Start" }));
  await waitFor(() => expect(called("roots_add").map((call) => call.request)).toEqual([{ path: "/srv/models" }]));
});

test("a folder that cannot be added says why, and stays on the page", async () => {
  const { user } = openApp({
    roots: 0,
    fail: { roots_add: { code: "not_found", message: "No folder at `/home/sam/ComfyUI`", hint: "Check the path", retryable: false } },
  });
  await screen.findByRole("checkbox", { name: /ComfyUI/ });
  await user.click(screen.getByRole("button", { name: "Start" }));
  const alert = await screen.findByRole("alert");
  expect(alert.textContent).toContain("No folder at /home/sam/ComfyUI");
  expect(alert.textContent).toContain("Check the path");
  expect(screen.getByRole("button", { name: "Start" })).toHaveProperty("disabled", false);
});
