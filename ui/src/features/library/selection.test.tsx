import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";

import { openApp } from "../../test/render";
import { inParts } from "./use-bulk";

const refused = { code: "io" as const, message: "Could not move `a`", hint: "Check who may write there", retryable: false };
const option = (name: RegExp) => screen.findByRole("option", { name });
const bar = async () => within(await screen.findByRole("region", { name: "Selected models" }));
const picked = () => screen.getAllByRole("option").filter((each) => each.getAttribute("aria-selected") === "true").length;

test("what is too much for one request goes in parts", () => {
  expect(inParts([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]]);
  expect(inParts([], 2)).toEqual([]);
});

test("Ctrl adds one, Shift all up to one, Esc takes the selection away", async () => {
  const { user } = openApp();
  await user.keyboard("{Control>}");
  await user.click(await option(/^Ink and Wash Landscapes ?,/));
  await user.keyboard("{/Control}{Shift>}");
  await user.click(await option(/^Brutalist Interiors ?,/));
  await user.keyboard("{/Shift}");
  expect((await bar()).getByRole("status").textContent).toMatch(/^4 selected, /);
  expect(picked()).toBe(4);
  // A range that is made smaller.
  await user.keyboard("{Shift>}");
  await user.click(await option(/^Neon Alley Rain ?,/));
  await user.keyboard("{/Shift}");
  expect(picked()).toBe(2);
  expect(screen.queryByRole("complementary", { name: "Details" })).toBeNull();
  await user.keyboard("{Escape}");
  expect(screen.queryByRole("region", { name: "Selected models" })).toBeNull();
});

test("Space and Shift with arrows select from the keyboard; arrows alone leave the selection", async () => {
  const { user } = openApp();
  await option(/^Ink and Wash Landscapes ?,/);
  screen.getByRole("listbox").focus();
  await user.keyboard("{ArrowRight} {Shift>}{ArrowRight}{ArrowRight}{/Shift}{ArrowRight}");
  expect((await bar()).getByRole("status").textContent).toMatch(/^3 selected/);
  expect(screen.getByRole("listbox").getAttribute("aria-activedescendant")).toBe("item-3");
});

test("Ctrl+A selects all of 20,000, whether their rows are there or not", async () => {
  const { user, called } = openApp({ items: 20_000 });
  await option(/^Ink and Wash Landscapes ?,/);
  screen.getByRole("listbox").focus();
  await user.keyboard("{Control>}a{/Control}");
  const actions = await bar();
  await waitFor(() => expect(actions.getByRole("status").textContent).toMatch(/^20,000 selected/));
  expect(actions.queryByRole("button", { name: /^Select all/ })).toBeNull();
  await user.click(actions.getByRole("button", { name: "Rate" }));
  await user.click(await screen.findByRole("menuitem", { name: "4 stars" }));
  await waitFor(() => expect((called("library_mark")[0]?.request as { ids: number[] }).ids).toHaveLength(20_000));
  // Those without content are named.
  expect(await screen.findByText(/have not been read yet, so nothing can be noted of them: .* and [\d,]+ more/)).toBeTruthy();
});

test("a few selected models are shown in their folders; more than a few are not", async () => {
  const { user, platform } = openApp();
  await option(/^Ink and Wash Landscapes ?,/);
  screen.getByRole("listbox").focus();
  await user.keyboard("{ArrowRight} {Shift>}{ArrowRight}{ArrowRight}{/Shift}");
  const actions = await bar();
  await user.click(actions.getByRole("button", { name: "More" }));
  await user.click(await screen.findByRole("menuitem", { name: "Show in folders" }));
  await waitFor(() => expect(platform.revealed).toHaveLength(3));
  screen.getByRole("listbox").focus();
  await user.keyboard("{Control>}a{/Control}");
  await user.click(actions.getByRole("button", { name: "More" }));
  expect(await screen.findByText("Select at most 5 to show them in their folders")).toBeTruthy();
});

test("all that match the filter can be selected from the bar; another filter ends it, another order does not", async () => {
  const { user } = openApp();
  await user.type(screen.getByRole("searchbox"), "cloud");
  await waitFor(() => expect(screen.getAllByRole("option").length).toBeLessThan(10));
  await user.keyboard("{Control>}");
  const [first] = screen.getAllByRole("option");
  if (first) await user.click(first);
  await user.keyboard("{/Control}");
  await user.click((await bar()).getByRole("button", { name: /^Select all \d$/ }));
  await waitFor(() => expect(picked()).toBe(screen.getAllByRole("option").length));
  await user.click(screen.getByRole("button", { name: "Sort: Newest" }));
  await user.click(await screen.findByRole("menuitemradio", { name: "Size" }));
  await waitFor(() => expect(screen.getByRole("listbox").getAttribute("aria-busy")).toBe("false"));
  expect(screen.getByRole("region", { name: "Selected models" })).toBeTruthy();
  await user.click(screen.getByRole("button", { name: "Clear the search" }));
  await waitFor(() => expect(screen.queryByRole("region", { name: "Selected models" })).toBeNull());
});

async function selectTwo(options: Parameters<typeof openApp>[0] = {}) {
  const app = openApp(options);
  await app.user.keyboard("{Control>}");
  await app.user.click(await option(/^Ink and Wash Landscapes ?,/));
  await app.user.click(await option(/^Neon Alley Rain ?,/));
  await app.user.keyboard("{/Control}");
  return { ...app, actions: await bar() };
}

test("tags are put on and taken off many at once; what is refused stays in the dialog", async () => {
  const { user, actions, called, platform } = await selectTwo({ fail: { library_mark: refused } });
  await user.click(actions.getByRole("button", { name: "Tags…" }));
  const dialog = within(screen.getByRole("dialog", { name: "Tags of 2 models" }));
  await user.type(dialog.getByRole("combobox", { name: "Tag to put on" }), "Mine{Enter}");
  await user.type(dialog.getByRole("combobox", { name: "Tag to take off" }), "keep{ArrowDown}{Enter}");
  await user.click(dialog.getByRole("button", { name: "Change tags" }));
  expect((await dialog.findByRole("alert")).textContent).toContain("Check who may write there");
  platform.fail = {};
  await user.click(dialog.getByRole("button", { name: "Change tags" }));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(called("library_mark").at(-1)?.request).toEqual({ ids: [1, 2], change: { add_tags: ["Mine"], remove_tags: ["Keepers"] } });
  expect(platform.items[1]?.tags).toEqual(["Mine"]);
});

test("Civitai is asked about many, and says how many it knows", async () => {
  const { user, actions } = await selectTwo();
  await user.click(actions.getByRole("button", { name: "More" }));
  expect(screen.getByText("Sign in under Settings to use the vault")).toBeTruthy();
  await user.click(screen.getByRole("menuitem", { name: "Ask Civitai again" }));
  expect((await screen.findByRole("note")).textContent).toBe("Asked Civitai about 2 models, 0 known, 2 not known");
});

test("with an account, many go into the vault", async () => {
  const { user, actions, called } = await selectTwo({ account: { signed_in: true }, vault: { state: "ready" } });
  await user.click(actions.getByRole("button", { name: "More" }));
  await user.click(await screen.findByRole("menuitem", { name: "Put into vault" }));
  expect((await screen.findByRole("note")).textContent).toBe("2 models put into the vault");
  expect(called("vault_change")[0]?.request).toEqual({ versions: [], files: [1, 2], to: "in" });
});

test("a digit rates, and Delete asks before it throws away", async () => {
  const { user, called } = openApp();
  await option(/^Ink and Wash Landscapes ?,/);
  screen.getByRole("listbox").focus();
  await user.keyboard("{ArrowRight}3");
  await waitFor(() => expect(called("library_mark")[0]?.request).toMatchObject({ ids: [1], change: { rating: 3 } }));
  await user.keyboard("{Delete}");
  expect(screen.getByRole("dialog", { name: "Move “Ink and Wash Landscapes” to the trash?" })).toBeTruthy();
  expect(called("files_trash")).toHaveLength(0);
});
