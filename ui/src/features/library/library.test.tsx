import { act, screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";

import { openApp } from "../../test/render";

const options = () => screen.findAllByRole("option");

test("the grid counts every model but only draws those on screen", async () => {
  openApp({ items: 20_000 });
  const cards = await options();
  expect(cards.length).toBeLessThan(60);
  expect(cards[0]?.getAttribute("aria-setsize")).toBe("20000");
  expect(cards[0]?.getAttribute("aria-posinset")).toBe("1");
  expect(cards[0]?.textContent).toContain("Ink and Wash Landscapes");
});

test("End goes to the last of 20,000 and fetches its page", async () => {
  const { user, called } = openApp({ items: 20_000 });
  await options();
  screen.getByRole("listbox").focus();
  await user.keyboard("{End}");
  await waitFor(() => expect(screen.getByRole("listbox").getAttribute("aria-activedescendant")).toBe("item-19999"));
  await waitFor(() => expect(called("library_list").some((call) => (call.request as { offset: number }).offset === 19_800)).toBe(true));
});

test("typing searches, `/` comes back to the field, Esc empties it", async () => {
  const { user, called } = openApp();
  await options();
  await user.keyboard("/");
  const field = screen.getByRole("searchbox", { name: "Search the library" });
  expect(document.activeElement).toBe(field);
  await user.keyboard("porcelain");
  await waitFor(() => expect(called("library_list").some((call) => (call.request as { search: string }).search === "porcelain")).toBe(true));
  // It is read aloud as well.
  await screen.findAllByText(/^\d models?,/);
  await user.keyboard("{Escape}");
  expect(field).toHaveProperty("value", "");
});

test("a chip clicked while a search settles keeps both", async () => {
  const { user, called } = openApp();
  await options();
  await user.type(screen.getByRole("searchbox"), "cloud");
  await user.click(screen.getByRole("button", { name: /^LoRA/ }));
  await waitFor(() => {
    expect(called("library_list").at(-1)?.request).toMatchObject({ search: "cloud", kinds: ["LORA"] });
  });
  expect(screen.getByRole("button", { name: /^LoRA/ }).getAttribute("aria-pressed")).toBe("true");
});

test("nothing found offers to clear", async () => {
  const { user } = openApp();
  await options();
  await user.type(screen.getByRole("searchbox"), "zebra");
  await user.click(await screen.findByRole("button", { name: "Clear search and filters" }));
  expect((await options()).length).toBeGreaterThan(5);
  expect(screen.getByRole("searchbox")).toHaveProperty("value", "");
});

test("the list sorts by its heads and says so", async () => {
  const { user, called } = openApp();
  await options();
  await user.click(screen.getByRole("radio", { name: "List" }));
  const grid = await screen.findByRole("grid", { name: "Models" });
  expect(grid.getAttribute("aria-rowcount")).toBe("61");
  await user.click(within(grid).getByRole("button", { name: "Size" }));
  await waitFor(() => expect(called("library_list").at(-1)?.request).toMatchObject({ sort: "size", reverse: false }));
  expect(screen.getByRole("columnheader", { name: "Size" }).getAttribute("aria-sort")).toBe("descending");
});

test("a folder in the rail filters, and its chip takes the filter away", async () => {
  const { user, called } = openApp();
  await options();
  await user.click(screen.getByRole("button", { name: /^stable-diffusion-webui/ }));
  await waitFor(() => expect(called("library_list").at(-1)?.request).toMatchObject({ roots: [2] }));
  await user.click(screen.getByRole("button", { name: /^Remove the filter/ }));
  expect(screen.queryByRole("button", { name: /^Remove the filter/ })).toBeNull();
});

test("a library that cannot be read says why and can be tried again", async () => {
  const { user, platform } = openApp({
    fail: { library_list: { code: "database", message: "Could not read the library", hint: "Close the other program", retryable: false } },
  });
  expect((await screen.findByRole("alert")).textContent).toContain("Close the other program");
  platform.fail = {};
  await user.click(screen.getByRole("button", { name: "Try again" }));
  expect((await options()).length).toBeGreaterThan(5);
});

test("a changed library is read again", async () => {
  const { platform } = openApp();
  await options();
  const first = platform.items[0];
  if (!first) throw new Error("no item");
  first.model_name = "Renamed by hand";
  act(() => platform.emit({ event: "library_changed" }));
  expect(await screen.findByText("Renamed by hand")).toBeTruthy();
});

test("progress moves the bar without asking again", async () => {
  const { platform, called } = openApp({ job: {} });
  await screen.findByText("412 of 1,284 files");
  const before = called("jobs_list").length;
  const [job] = platform.jobs;
  if (!job) throw new Error("no job");
  act(() => platform.emit({ event: "progress", job: { ...job, files_hashed: 500 } }));
  expect(await screen.findByText("500 of 1,284 files")).toBeTruthy();
  expect(called("jobs_list")).toHaveLength(before);
});

test("a scan can be held, resumed and cancelled", async () => {
  const { user, called } = openApp({ job: {} });
  await user.click(await screen.findByRole("button", { name: "Pause" }));
  expect(await screen.findByText("Paused")).toBeTruthy();
  await user.click(await screen.findByRole("button", { name: "Resume" }));
  await user.click(await screen.findByRole("button", { name: "Cancel" }));
  expect(await screen.findByText(/^Scan cancelled/)).toBeTruthy();
  expect(["job_pause", "job_resume", "job_cancel"].map((name) => called(name).length)).toEqual([1, 1, 1]);
});
