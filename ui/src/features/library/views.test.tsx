import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";

import { openApp } from "../../test/render";
import { filterOf, isSame, noFilter, page } from "./filter";

const saved = { name: "Best ink", query: { ...page(noFilter, 0, 0), search: "ink", favourites: true } };
const last = (called: (name: string) => { request: unknown }[]) => called("library_list").at(-1)?.request;

test("in which order facets were chosen does not matter, everything else does", () => {
  expect(isSame({ ...noFilter, kinds: ["a", "b"] }, { ...noFilter, kinds: ["b", "a"] })).toBe(true);
  expect(isSame(noFilter, { ...noFilter, sort: "rating" })).toBe(false);
  expect(isSame(filterOf(saved.query), { ...noFilter, search: "ink", favourites: true })).toBe(true);
});

test("tags and favourites filter", async () => {
  const { user, called } = openApp();
  await screen.findAllByRole("option");
  await user.click(screen.getByRole("button", { name: /^Favourites/ }));
  await waitFor(() => expect(last(called)).toMatchObject({ favourites: true }));
  await user.click(screen.getByRole("button", { name: "Tags" }));
  await user.click(await screen.findByRole("menuitemcheckbox", { name: /^To sort/ }));
  await waitFor(() => expect(last(called)).toMatchObject({ tags: ["To sort"], favourites: true }));
});

test("a search is saved under a name, and applied again", async () => {
  const { user, platform } = openApp();
  await screen.findAllByRole("option");
  await user.click(screen.getByRole("button", { name: "Saved searches" }));
  expect(screen.getByText("Nothing saved yet")).toBeTruthy();
  expect(screen.queryByRole("menuitem", { name: "Save this search…" })).toBeNull();
  await user.keyboard("{Escape}");

  await user.type(screen.getByRole("searchbox"), "ink");
  await user.click(screen.getByRole("button", { name: "Sort: Newest" }));
  await user.click(await screen.findByRole("menuitemradio", { name: "Rating" }));
  await user.click(screen.getByRole("button", { name: "Saved searches" }));
  await user.click(await screen.findByRole("menuitem", { name: "Save this search…" }));
  const dialog = within(screen.getByRole("dialog", { name: "Save this search" }));
  await user.clear(dialog.getByRole("textbox", { name: "Name" }));
  await user.type(dialog.getByRole("textbox", { name: "Name" }), "Inks{Enter}");
  await screen.findByRole("button", { name: "Saved searches: Inks" });
  expect(platform.marks.views).toMatchObject([{ name: "Inks", query: { search: "ink", sort: "rating", offset: 0, limit: 0 } }]);

  await user.click(screen.getByRole("button", { name: "Clear the search" }));
  await user.click(await screen.findByRole("button", { name: "Saved searches" }));
  await user.click(await screen.findByRole("menuitemradio", { name: "Inks" }));
  await screen.findByRole("button", { name: "Saved searches: Inks" });
  expect(screen.getByRole("searchbox")).toHaveProperty("value", "ink");
});

test("saving under a name that is there says that it replaces; what is refused says why", async () => {
  const { user, platform } = openApp({ views: [saved] });
  await screen.findAllByRole("option");
  await user.type(screen.getByRole("searchbox"), "coral");
  await user.click(screen.getByRole("button", { name: "Saved searches" }));
  await user.click(await screen.findByRole("menuitem", { name: "Save this search…" }));
  const dialog = within(screen.getByRole("dialog"));
  const name = dialog.getByRole("textbox", { name: "Name" });
  await user.clear(name);
  await user.type(name, "best INK");
  expect(dialog.getByText("This replaces what is saved as “Best ink”.")).toBeTruthy();
  platform.fail = { view_put: { code: "database", message: "Could not write the library", hint: "Free some room", retryable: false } };
  await user.keyboard("{Enter}");
  expect((await dialog.findByRole("alert")).textContent).toContain("Free some room");
  platform.fail = {};
  await user.click(dialog.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(platform.marks.views).toMatchObject([{ name: "best INK", query: { search: "coral" } }]));
});

test("a saved search is removed, and put back while one can still see it", async () => {
  const { user, platform } = openApp({ views: [saved] });
  await screen.findAllByRole("option");
  await user.click(screen.getByRole("button", { name: "Saved searches" }));
  await user.click(await screen.findByRole("menuitem", { name: "Edit saved searches…" }));
  const dialog = within(screen.getByRole("dialog", { name: "Saved searches" }));
  await user.click(dialog.getByRole("button", { name: "Remove “Best ink”" }));
  const back = await dialog.findByRole("button", { name: "Put back “Best ink”" });
  expect(platform.marks.views).toEqual([]);
  await user.click(back);
  await dialog.findByRole("button", { name: "Remove “Best ink”" });
  expect(platform.marks.views).toEqual([saved]);
});
