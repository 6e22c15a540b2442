import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { expect, test, vi } from "vitest";

import { openApp } from "../../test/render";
import { parted } from "./rename-dialog";

const option = (name: RegExp) => screen.findByRole("option", { name });
const ink = /^Ink and Wash Landscapes ?,/;

async function openMenu(name: RegExp, options: Parameters<typeof openApp>[0] = {}) {
  const app = openApp(options);
  await app.user.pointer({ keys: "[MouseRight]", target: await option(name) });
  return { ...app, menu: within(await screen.findByRole("menu")) };
}

test("a name is parted at its last dot", () => {
  expect(parted("a.b.safetensors")).toEqual({ stem: "a.b", ending: ".safetensors" });
  expect(parted("plain")).toEqual({ stem: "plain", ending: "" });
});

test("many are thrown away after a question with count and bytes, and brought back", async () => {
  const { user, platform } = openApp();
  await user.keyboard("{Control>}");
  await user.click(await option(ink));
  await user.click(await option(/^Neon Alley Rain ?,/));
  await user.keyboard("{/Control}{Delete}");
  const dialog = within(screen.getByRole("dialog", { name: "Move 2 models to the trash?" }));
  expect(dialog.getByText(/^2 models, \d.* MiB, with the previews/)).toBeTruthy();
  await user.click(dialog.getByRole("button", { name: "Move 2 to trash" }));
  const toast = within(await screen.findByRole("region", { name: "What was just done" }));
  expect(toast.getByText("Moved 2 models to the trash")).toBeTruthy();
  await waitFor(() => expect(screen.queryByRole("option", { name: ink })).toBeNull());
  expect(screen.queryByRole("region", { name: "Selected models" })).toBeNull();
  await waitFor(() => expect(screen.getAllByRole("status").some((each) => each.textContent.startsWith("Moved 2 models to the trash"))).toBe(true));
  await user.click(toast.getByRole("button", { name: "Undo" }));
  expect(await toast.findByText("Undone: Moved 2 models to the trash")).toBeTruthy();
  expect(await option(ink)).toBeTruthy();
  expect(platform.items).toHaveLength(60);
});

test("Ctrl+Z undoes too; what cannot be undone says why", async () => {
  const { user, platform } = openApp();
  await user.click(await option(ink));
  screen.getByRole("listbox").focus();
  await user.keyboard("{Delete}");
  await user.click(screen.getByRole("button", { name: "Move to trash" }));
  await screen.findByRole("region", { name: "What was just done" });
  // The details of what is gone go too.
  expect(screen.queryByRole("complementary", { name: "Details" })).toBeNull();
  platform.fail = { activity_undo: { code: "io", message: "There is something called `x` already", hint: "Give it another name, then undo again", retryable: false } };
  await user.keyboard("{Control>}z{/Control}");
  expect((await screen.findByRole("alert")).textContent).toContain("Give it another name");
});

test("the way back stays fifteen seconds, and as long as somebody is at it", async () => {
  const { user } = openApp();
  await option(ink);
  screen.getByRole("listbox").focus();
  await user.keyboard("{ArrowRight}{Delete}");
  await user.click(screen.getByRole("button", { name: "Move to trash" }));
  const toast = await screen.findByRole("region", { name: "What was just done" });
  vi.useFakeTimers();
  try {
    fireEvent.pointerEnter(toast);
    act(() => void vi.advanceTimersByTime(60_000));
    expect(toast.isConnected).toBe(true);
    fireEvent.pointerLeave(toast);
    act(() => void vi.advanceTimersByTime(14_000));
    expect(toast.isConnected).toBe(true);
    act(() => void vi.advanceTimersByTime(2_000));
    expect(toast.isConnected).toBe(false);
  } finally {
    vi.useRealTimers();
  }
});

test("those that are not on disk are left out, by name; an error stays in the dialog", async () => {
  const { user, called, platform } = openApp();
  await option(ink);
  screen.getByRole("listbox").focus();
  await user.keyboard("{Control>}a{/Control}");
  await screen.findByText(/^60 selected/);
  await user.keyboard("{Delete}");
  const dialog = within(screen.getByRole("dialog"));
  expect(dialog.getByRole("note").textContent).toMatch(/^\d are not on disk and will be left out: .*,.*,.* and \d more$/);
  platform.fail = { files_trash: { code: "busy", message: "Something else is being done to files", hint: "Wait until it is over", retryable: true } };
  await user.click(dialog.getByRole("button", { name: /^Move \d+ to trash$/ }));
  expect((await dialog.findByRole("alert")).textContent).toContain("Wait until it is over");
  expect((called("files_trash")[0]?.request as { ids: number[] }).ids.length).toBeLessThan(60);
});

test("a file is renamed from its menu; what is refused is told at the field", async () => {
  const { user, menu, platform } = await openMenu(ink);
  await user.click(menu.getByRole("menuitem", { name: "Rename…" }));
  const dialog = within(screen.getByRole("dialog", { name: "Rename" }));
  const field = dialog.getByRole("textbox", { name: "Name" });
  expect(field).toHaveProperty("value", "ink_and_wash_landscapes_v1");
  expect(dialog.getByRole("button", { name: "Rename" })).toHaveProperty("disabled", true);
  await user.clear(field);
  await user.type(field, "what?{Enter}");
  expect((await dialog.findByRole("alert")).textContent).toContain("cannot be a model's name");
  expect(field.getAttribute("aria-invalid")).toBe("true");
  await user.clear(field);
  await user.type(field, "ink{Enter}");
  await screen.findByText("Renamed “ink_and_wash_landscapes_v1.safetensors”");
  expect(platform.items[0]?.file_name).toBe("ink.safetensors");
});

test("models move to a folder in another root; the engine's reason is told", async () => {
  const { user, menu, called } = await openMenu(ink);
  await user.click(menu.getByRole("menuitem", { name: "Move…" }));
  const dialog = within(screen.getByRole("dialog", { name: "Move “Ink and Wash Landscapes”" }));
  await user.selectOptions(dialog.getByRole("combobox", { name: "To" }), "2");
  await user.type(dialog.getByRole("textbox", { name: "Folder in it" }), "pictures{Enter}");
  expect((await dialog.findByRole("alert")).textContent).toContain("Name a folder below");
  await user.clear(dialog.getByRole("textbox", { name: "Folder in it" }));
  await user.click(dialog.getByRole("button", { name: "Move" }));
  await screen.findByText("Moved “ink_and_wash_landscapes_v1.safetensors”");
  expect(called("files_move").map((call) => call.request)).toEqual([
    { ids: [1], root: 2, folder: "pictures" },
    { ids: [1], root: 2 },
  ]);
});

test("a menu tells what can be done, and nothing to a file that is away", async () => {
  const { user, menu, platform } = await openMenu(ink);
  await user.click(menu.getByRole("menuitem", { name: "Copy path" }));
  expect(platform.copied).toEqual(["/home/sam/ComfyUI/models/loras/ink_and_wash_landscapes_v1.safetensors"]);
  await user.pointer({ keys: "[MouseRight]", target: await option(/^Coral Reef Macro ?,/) });
  const away = within(await screen.findByRole("menu", { name: "Actions for Coral Reef Macro" }));
  expect(away.queryByRole("menuitem", { name: "Rename…" })).toBeNull();
  expect(away.getByText("Not on disk, so nothing can be done to it")).toBeTruthy();
});

test("the menu key opens it where the keyboard is, and a right click on a selection means all of it", async () => {
  const { user } = openApp();
  await option(ink);
  screen.getByRole("listbox").focus();
  await user.keyboard("{ArrowRight} {ArrowRight} {ContextMenu}");
  const menu = within(await screen.findByRole("menu", { name: "Actions for 2 models" }));
  expect(menu.queryByRole("menuitem", { name: "Rename…" })).toBeNull();
  await user.click(menu.getByRole("menuitem", { name: "Move to trash…" }));
  expect(screen.getByRole("dialog", { name: "Move 2 models to the trash?" })).toBeTruthy();
  await user.keyboard("{Escape}");
});

test("the details have the same menu", async () => {
  const { user } = openApp();
  await user.click(await option(ink));
  const details = within(await screen.findByRole("complementary", { name: "Details" }));
  await user.click(details.getByRole("button", { name: "Actions for Ink and Wash Landscapes" }));
  await user.click(await screen.findByRole("menuitem", { name: "Move to trash…" }));
  await user.click(screen.getByRole("button", { name: "Move to trash" }));
  await waitFor(() => expect(screen.queryByRole("complementary", { name: "Details" })).toBeNull());
});
