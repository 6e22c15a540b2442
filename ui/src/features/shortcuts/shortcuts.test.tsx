import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";

import { allShortcuts, isPressed } from "../../shortcuts";
import { openApp } from "../../test/render";

const key = (named: string, held: Partial<Record<"ctrlKey" | "shiftKey" | "altKey" | "metaKey", boolean>> = {}) => ({
  key: named, ctrlKey: false, shiftKey: false, altKey: false, metaKey: false, ...held,
});

test("g and a letter go to a place, and the focus is in it", async () => {
  const { user } = openApp();
  await screen.findByRole("option", { name: /^Ink and Wash Landscapes ?,/ });
  await user.keyboard("gs");
  expect(location.hash).toBe("#/settings");
  await screen.findByRole("heading", { level: 1, name: "Settings" });
  await waitFor(() => expect(document.activeElement).toBe(screen.getByRole("main")));
  await user.keyboard("gx");
  await user.keyboard("d");
  expect(location.hash).toBe("#/settings");
});

test("nothing happens while a field is written in", async () => {
  const { user } = openApp();
  const field = await screen.findByRole("searchbox");
  await user.type(field, "gd?/");
  expect(field).toHaveProperty("value", "gd?/");
  expect(location.hash).toBe("");
  expect(screen.queryByRole("dialog")).toBeNull();
});

test("/ comes to the search from any place", async () => {
  const { user } = openApp();
  await screen.findByRole("searchbox");
  await user.keyboard("gs");
  await screen.findByRole("heading", { level: 1, name: "Settings" });
  await user.keyboard("/");
  await waitFor(() => expect(document.activeElement).toBe(screen.getByRole("searchbox", { name: "Search the library" })));
});

test("? lists every shortcut there is", async () => {
  const { user } = openApp();
  await screen.findByRole("searchbox");
  await user.keyboard("?");
  const dialog = within(await screen.findByRole("dialog", { name: "Keyboard shortcuts" }));
  for (const { name } of allShortcuts()) expect(dialog.getAllByText(name).length).toBeGreaterThan(0);
  // Keys in the dialog are not meant for the page below.
  await user.keyboard("gs");
  expect(location.hash).toBe("");
  await user.click(dialog.getByRole("button", { name: "Close" }));
  expect(screen.queryByRole("dialog")).toBeNull();
});

test("signs count however a layout makes them; letters and modifiers exactly", () => {
  expect(isPressed("?", key("?", { shiftKey: true }))).toBe(true);
  expect(isPressed("+", key("+"))).toBe(true);
  expect(isPressed("g", key("G", { shiftKey: true }))).toBe(false);
  expect(isPressed("Mod+k", key("k", { ctrlKey: true }))).toBe(true);
  expect(isPressed("Mod+k", key("k", { ctrlKey: true, altKey: true }))).toBe(false);
  expect(isPressed("g", key("g", { ctrlKey: true }))).toBe(false);
});

test("no two shortcuts of one group have the same keys", () => {
  const all = allShortcuts().flatMap(({ group, keys }) => keys.map((sequence) => `${group}: ${sequence.join(" ")}`));
  expect(new Set(all).size).toBe(all.length);
});

test("going into the Library by keyboard puts the keyboard into its list", async () => {
  const { user } = openApp();
  await screen.findByRole("option", { name: /^Ink and Wash Landscapes ?,/ });
  await user.keyboard("gs");
  await screen.findByRole("main", { name: "Settings" });
  await user.keyboard("gl");
  await waitFor(() => expect(document.activeElement?.getAttribute("role")).toBe("listbox"));
});
