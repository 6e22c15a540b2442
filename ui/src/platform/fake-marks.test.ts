import { expect, test } from "vitest";

import { noFilter, page } from "../features/library/filter";
import { FakePlatform } from "./fake";

test("marks are kept, counted and found again; a file without content is named", async () => {
  const fake = new FakePlatform({ items: 24 });
  const change = { favourite: true, rating: 5, note: "good", add_tags: ["keepers", "New one"], remove_tags: ["To sort"] };
  expect(await fake.call("library_mark", { ids: [4, 12], change })).toEqual({ marked: 1, unread: [12] });
  const { item, note } = await fake.call("library_item", { id: 4 });
  // A tag keeps the spelling it has elsewhere.
  expect({ favourite: item.favourite, rating: item.rating, tags: item.tags, note }).toEqual({
    favourite: true, rating: 5, tags: ["Client work", "Keepers", "New one"], note: "good",
  });
  const query = { ...page(noFilter, 0, 0), tags: ["New one"], favourites: true };
  expect((await fake.call("library_list", query)).items.map((each) => each.id)).toEqual([4]);
  expect((await fake.call("library_facets", query)).tags).toContainEqual({ value: "Keepers", label: "Keepers", count: expect.any(Number) as number });
});

test("a search is kept under one name, whatever its case", async () => {
  const fake = new FakePlatform();
  const query = page(noFilter, 0, 0);
  await fake.call("view_put", { name: "Best", query });
  expect(await fake.call("view_put", { name: " best ", query: { ...query, search: "ink" } })).toEqual([{ name: "best", query: { ...query, search: "ink" } }]);
  expect(await fake.call("view_remove", { name: "BEST" })).toEqual([]);
  await expect(fake.call("view_remove", { name: "Best" })).rejects.toThrow("no search of this name");
});

test("what is done to files is listed and undone", async () => {
  const fake = new FakePlatform({ items: 12 });
  const names = () => fake.items.map((item) => item.file_name);
  const before = names();
  const renamed = await fake.call("file_rename", { id: 1, name: "other" });
  expect(renamed).toMatchObject({ what: "rename", state: "done", can_undo: true, models: 1 });
  expect(names()[0]).toBe("other.safetensors");
  const trashed = await fake.call("files_trash", { ids: [2, 3] });
  expect(fake.items.map((item) => item.id)).not.toContain(2);
  expect((await fake.call("activity_list", {})).map((each) => each.id)).toEqual([trashed.id, renamed.id]);
  await fake.call("activity_undo", { id: trashed.id });
  await fake.call("activity_undo", { id: renamed.id });
  expect(names()).toEqual(before);
  await expect(fake.call("activity_undo", { id: renamed.id })).rejects.toThrow("cannot be undone");
});

test("a move goes into a folder that is looked into, on the same drive", async () => {
  const fake = new FakePlatform({ items: 12 });
  await fake.call("files_move", { ids: [1], root: 2, folder: "models/mine" });
  expect(fake.items[0]).toMatchObject({ root_id: 2, folder: "models/mine" });
  await expect(fake.call("files_move", { ids: [1], root: 3 })).rejects.toThrow("another drive");
  await expect(fake.call("files_move", { ids: [1], root: 1, folder: "pictures" })).rejects.toThrow("No models are looked for");
});
