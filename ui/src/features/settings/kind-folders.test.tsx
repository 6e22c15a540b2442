import { screen, waitFor, within as inside } from "@testing-library/react";
import { expect, test } from "vitest";

import { openApp } from "../../test/render";
import type { FakeOptions } from "../../platform/fake";
import { within } from "./kind-folders";

async function openKinds(options: FakeOptions = {}) {
  location.hash = "#/settings";
  const app = openApp({ capabilities: { pickFolder: false }, ...options });
  for (const folded of await screen.findAllByText("Folders by kind: as usual")) await app.user.click(folded);
  const group = inside(await screen.findByRole("group", { name: "Folders by kind in ComfyUI" }));
  const saved = () => app.called("roots_set").map((call) => (call.request as { places: { overrides: unknown } }).places.overrides);
  return { ...app, group, saved };
}

test("a kind gets a folder of its own, another one, and its usual one again", async () => {
  const { user, group, saved } = await openKinds();
  await user.selectOptions(group.getByRole("combobox", { name: "Kind" }), "VAE");
  await user.type(group.getByRole("textbox", { name: "Folder for one more kind" }), " models/mine {Enter}");
  const field = await group.findByRole("textbox", { name: "Folder for VAE" });
  expect(field).toHaveProperty("value", "models/mine");
  expect(screen.getByText("Folders by kind: VAE")).toBeTruthy();
  // A kind has one folder: it is not offered again.
  expect(group.queryByRole("option", { name: "VAE" })).toBeNull();

  const save = group.getByRole("button", { name: "Save the folder for VAE" });
  expect(save).toHaveProperty("disabled", true);
  await user.clear(field);
  await user.type(field, "vae");
  await user.click(save);
  await waitFor(() => expect(save).toHaveProperty("disabled", true));
  await user.click(group.getByRole("button", { name: "Remove the folder for VAE" }));
  await waitFor(() => expect(group.queryByRole("textbox", { name: "Folder for VAE" })).toBeNull());
  expect(document.activeElement).toBe(group.getByRole("combobox", { name: "Kind" }));
  expect(saved()).toEqual([{ VAE: "models/mine" }, { VAE: "vae" }, {}]);
});

test("a folder that cannot be used says why at its field, and nothing else changes", async () => {
  const { user, group } = await openKinds();
  const another = group.getByRole("textbox", { name: "Folder for one more kind" });
  await user.type(another, "models/mine{Enter}");
  const field = await group.findByRole("textbox", { name: "Folder for LoRA" });
  await user.clear(field);
  await user.type(field, "/etc{Enter}");
  const alert = await group.findByRole("alert");
  expect(alert.textContent).toContain("it is outside the root");
  expect(alert.textContent).toContain("Name a folder inside /home/sam/ComfyUI");
  expect(field.getAttribute("aria-describedby")).toBe(alert.id);
  expect(field.getAttribute("aria-invalid")).toBe("true");
  expect(another.getAttribute("aria-invalid")).toBe("false");
  await user.type(field, "x");
  expect(group.queryByRole("alert")).toBeNull();
});

test("the system's dialog fills the field, short where it is inside", async () => {
  const { user, group, platform } = await openKinds({ capabilities: { pickFolder: true } });
  platform.picked = "/home/sam/ComfyUI/models/mine";
  await user.click(group.getByRole("button", { name: "Folder for one more kind: choose" }));
  await waitFor(() => expect(group.getByRole("textbox", { name: "Folder for one more kind" })).toHaveProperty("value", "models/mine"));
});

test("only what is inside is made short", () => {
  expect(within("/ui", "/ui/a/b")).toBe("a/b");
  expect(within("/ui", "/uix/a")).toBe("/uix/a");
  expect(within("/ui", "/ui")).toBe("/ui");
  expect(within("C:\\ui", "C:\\ui\\a")).toBe("a");
});
