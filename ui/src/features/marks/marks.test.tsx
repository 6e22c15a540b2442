import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";

import type { FakeOptions } from "../../platform/fake";
import { openApp } from "../../test/render";

const refused = { code: "database" as const, message: "Could not write the library", hint: "Free some room on the disk", retryable: false };

async function inspect(name: RegExp, options: FakeOptions = {}) {
  const app = openApp({ items: 24, ...options });
  await app.user.click(await screen.findByRole("option", { name }));
  const details = within(await screen.findByRole("complementary", { name: "Details" }));
  return { ...app, details, marked: () => app.called("library_mark").map((call) => call.request) };
}
const change = (part: object) => ({ add_tags: [], remove_tags: [], ...part });

test("favourite and rating are noted by a click or a key, and shown on the card", async () => {
  const { user, details, marked } = await inspect(/^Ink and Wash Landscapes ?,/);
  await user.click(details.getByRole("button", { name: "Favourite" }));
  expect(details.getByRole("button", { name: "Favourite" }).getAttribute("aria-pressed")).toBe("true");
  await user.click(details.getByRole("radio", { name: "4 stars" }));
  expect(await screen.findByRole("option", { name: /^Ink and Wash Landscapes.*Favourite.*Rated 4 of 5/ })).toBeTruthy();
  await user.keyboard("2");
  await waitFor(() => expect(details.getByRole("radio", { name: "2 stars" })).toHaveProperty("checked", true));
  // The star that is set takes the rating away.
  await user.click(details.getByRole("radio", { name: "2 stars" }));
  await waitFor(() => expect(details.getByRole("radio", { name: "No rating" })).toHaveProperty("checked", true));
  expect(marked()).toEqual([
    { ids: [1], change: change({ favourite: true }) },
    { ids: [1], change: change({ rating: 4 }) },
    { ids: [1], change: change({ rating: 2 }) },
    { ids: [1], change: change({ rating: 0 }) },
  ]);
});

test("a tag is typed or chosen among those in use, and taken off", async () => {
  const { user, details, marked } = await inspect(/^Ink and Wash Landscapes ?,/);
  const field = details.getByRole("combobox", { name: "Add a tag" });
  await user.type(field, "kee");
  expect(details.getByRole("option", { name: "Keepers" })).toBeTruthy();
  await user.keyboard("{ArrowDown}{Enter}");
  await user.click(await details.findByRole("button", { name: "Remove the tag Keepers" }));
  await waitFor(() => expect(details.queryByRole("button", { name: "Remove the tag Keepers" })).toBeNull());
  await user.type(field, "Brand new,");
  expect(await details.findByRole("button", { name: "Remove the tag Brand new" })).toBeTruthy();
  expect(marked()).toHaveLength(3);
});

test("a tag that is refused stays in the field, with the reason beside it", async () => {
  const { user, details } = await inspect(/^Ink and Wash Landscapes ?,/, { fail: { library_mark: refused } });
  const field = details.getByRole("combobox", { name: "Add a tag" });
  await user.type(field, "mine{Enter}");
  expect((await details.findByRole("alert")).textContent).toContain("Free some room on the disk");
  expect(field).toHaveProperty("value", "mine");
  await waitFor(() => expect(details.queryByRole("button", { name: "Remove the tag mine" })).toBeNull());
});

test("a note is saved with Ctrl+Enter and on leaving it, and says so", async () => {
  const { user, details, marked } = await inspect(/^Ink and Wash Landscapes ?,/);
  const note = details.getByRole("textbox", { name: "Note" });
  await waitFor(() => expect(note).toHaveProperty("disabled", false));
  await user.type(note, "0.7 is best");
  expect(details.getByText("Not saved yet")).toBeTruthy();
  await user.keyboard("{Control>}{Enter}{/Control}");
  expect(await details.findByText("Saved")).toBeTruthy();
  await user.type(note, ".");
  await user.tab();
  await waitFor(() => expect(marked()).toHaveLength(2));
  expect(marked().at(-1)).toEqual({ ids: [1], change: change({ note: "0.7 is best." }) });
});

test("a note outlives a look at another model", async () => {
  const { user, details, platform } = await inspect(/^Ink and Wash Landscapes ?,/);
  const note = () => details.getByRole("textbox", { name: "Note" });
  await waitFor(() => expect(note()).toHaveProperty("disabled", false));
  await user.type(note(), "mine");
  platform.fail = { library_mark: refused };
  await user.click(screen.getByRole("option", { name: /^Porcelain Portrait ?,/ }));
  await waitFor(() => expect(note()).toHaveProperty("value", ""));
  await user.click(screen.getByRole("option", { name: /^Ink and Wash Landscapes ?,/ }));
  await waitFor(() => expect(note()).toHaveProperty("value", "mine"));
  expect((await details.findByRole("alert")).textContent).toContain("Could not write the library");
  platform.fail = {};
  await user.click(details.getByRole("button", { name: "Try again" }));
  expect(await details.findByText("Saved")).toBeTruthy();
  expect(platform.marks.note(platform.items[0] as never)).toBe("mine");
});

test("nothing can be noted of a file without content, and that is said", async () => {
  const { details } = await inspect(/^blueprint_lines_v|^isometric_cabins_v|^chalk_study_v/);
  expect(details.getByText(/once it has been read/)).toBeTruthy();
  expect(details.queryByRole("textbox", { name: "Note" })).toBeNull();
});
