import { screen, waitFor, within } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";

import { signedIn } from "../../platform/fake";
import type { FakeOptions } from "../../platform/fake";
import { openApp } from "../../test/render";
import { noFilter } from "./filter";
import { changeFilter } from "./remembered";

beforeEach(() => changeFilter(noFilter));

async function openDiscover(options: FakeOptions = {}, at = "#/discover") {
  location.hash = at;
  const app = openApp(options);
  await screen.findByRole("heading", { level: 1, name: "Discover" });
  return app;
}

const results = () => screen.findByRole("listbox", { name: "Models at Civitai" });
/** Spaces between its words are the reader's own. */
const card = async (name: RegExp) => {
  const says = (option: HTMLElement) => name.test(option.textContent);
  await waitFor(() => expect(screen.getAllByRole("option").some(says)).toBe(true));
  return screen.getAllByRole("option").find(says) ?? document.body;
};

test("nothing is asked before the place is opened, and it says who is asked", async () => {
  const { called, user } = openApp();
  await screen.findByRole("heading", { level: 1, name: "Library" });
  expect(called("discover_search").length + called("discover_words").length).toBe(0);
  await user.click(screen.getByRole("link", { name: "Discover" }));
  await results();
  expect(called("discover_search")).toHaveLength(1);
  expect(screen.getByText(/is asked of civitai\.com\. Nothing about your library is sent\./)).toBeTruthy();
});

test("what is here, on its way or in the vault is told, and follows the engine without asking Civitai", async () => {
  const { called, platform } = await openDiscover();
  expect((await card(/Harbour Light, Here/)).textContent).toContain("LoRA");
  await card(/Copper Plate, Older version here/);
  await card(/Salt Flats, On its way/);
  await card(/Night Tram, In your vault/);
  platform.discover.marks.set(501, { model: 501, standing: "newest", underway: false, in_vault: false, versions: [] });
  platform.emit({ event: "library_changed" });
  await card(/Ink and Wash, Here/);
  expect(called("discover_search")).toHaveLength(1);
});

test("typing settles before it is asked, and a chip narrows", async () => {
  const { called, user } = await openDiscover();
  await results();
  await user.type(screen.getByRole("searchbox", { name: "Search Civitai" }), "salt");
  await waitFor(() => expect(called("discover_search").at(-1)?.request).toMatchObject({ text: "salt" }));
  expect(called("discover_search")).toHaveLength(2);
  expect((await screen.findAllByRole("option")).every((option) => option.textContent.includes('Salt Flats'))).toBe(true);
  await user.click(screen.getByRole("button", { name: "Type" }));
  await user.click(await screen.findByRole("menuitemcheckbox", { name: "Checkpoint" }));
  await waitFor(() => expect(called("discover_search").at(-1)?.request).toMatchObject({ text: "salt", kinds: ["Checkpoint"] }));
  // One page, one ticket: a later search ends the one before it.
  const tickets = new Set(called("discover_search").map((call) => (call.request as { ticket: string }).ticket));
  expect(tickets.size).toBe(1);
});

test("more comes as one nears the end, each model once, and what is above the level is counted", async () => {
  const { called, user } = await openDiscover();
  const list = await results();
  expect(screen.getByText(/above your content level left out/)).toBeTruthy();
  list.focus();
  await user.keyboard("{End}");
  await waitFor(() => expect(called("discover_search").map((call) => (call.request as { cursor?: string }).cursor)).toEqual([undefined, "40"]));
  await user.keyboard("{End}{End}");
  await waitFor(() => expect(called("discover_search")).toHaveLength(3));
  await screen.findByText("88 models");
  await user.click(screen.getByRole("button", { name: "Show them, blurred" }));
  await waitFor(() => expect(called("discover_search").at(-1)?.request).toMatchObject({ content: "all" }));
});

test("by keyboard to a model and back, where one was", async () => {
  const { user } = await openDiscover();
  const list = await results();
  await user.keyboard("/");
  expect(document.activeElement).toBe(screen.getByRole("searchbox", { name: "Search Civitai" }));
  await user.keyboard("{ArrowDown}");
  expect(document.activeElement).toBe(list);
  await user.keyboard("{ArrowRight}{ArrowRight}{Enter}");
  expect(await screen.findByRole("heading", { level: 1, name: "Ink and Wash" })).toBeTruthy();
  expect(location.hash).toBe("#/discover/501");
  await user.keyboard("{Escape}");
  await waitFor(() => expect(location.hash).toBe("#/discover"));
  await waitFor(() => expect(document.activeElement).toBe(list));
  expect(list.getAttribute("aria-activedescendant")).toBe("item-1");
});

test("a version and a file are chosen, and downloaded into the folder that is shown", async () => {
  const { called, user } = await openDiscover({}, "#/discover");
  await user.click(await card(/Ink and Wash/));
  const versions = await screen.findByRole("radiogroup", { name: "Versions" });
  expect(within(versions).getAllByRole("radio")).toHaveLength(1);
  expect(screen.getByText(/suggested/).textContent).toContain("safetensors");
  await user.click(screen.getByRole("radio", { name: "Choose model_5010.ckpt" }));
  expect(screen.getByText(/A pickle can run code when it is loaded\. Civitai’s scan found none that does harm\./)).toBeTruthy();
  await user.click(screen.getByRole("button", { name: /^Download… \(12\.9 GiB\)$/ }));
  const plan = await screen.findByRole("region", { name: "What would be downloaded" });
  expect(called("download_plan").at(-1)?.request).toEqual({ what: "5010", file: 50_101, root: null });
  await user.selectOptions(within(plan).getByRole("combobox"), "stable-diffusion-webui");
  await waitFor(() => expect(called("download_plan").at(-1)?.request).toEqual({ what: "5010", file: 50_101, root: 2 }));
  await user.click(await within(plan).findByRole("button", { name: "Download" }));
  await waitFor(() => expect(called("download_add")).toHaveLength(1));
  expect(await screen.findByRole("link", { name: "Show the queue" })).toBeTruthy();
});

test("what must be paid for is said so, as is what its author permits", async () => {
  location.hash = "#/discover/508";
  const { called } = openApp();
  expect(await screen.findByText(/^Early access until 24 Dec/)).toBeTruthy();
  expect(screen.getByText("Name its author")).toBeTruthy();
  expect(screen.getByText("Selling images made with it, offering it for generation at Civitai")).toBeTruthy();
  // Opened by its address: the catalogue beneath is not asked for.
  expect(called("discover_search")).toHaveLength(0);
});

test("an archived model says that there is nothing to download", async () => {
  location.hash = "#/discover/511";
  openApp();
  expect(await screen.findByText("Archived by its author: there are no files to download.")).toBeTruthy();
  expect(screen.getByText("This version has no files to download.")).toBeTruthy();
  expect(screen.queryByRole("button", { name: /^Download/ })).toBeNull();
});

test("a pasted link opens its model, a number is offered as one", async () => {
  const { called, user } = await openDiscover();
  const field = screen.getByRole("searchbox", { name: "Search Civitai" });
  await user.click(field);
  await user.paste("https://civitai.com/models/502?modelVersionId=5021");
  expect(await screen.findByRole("heading", { level: 1, name: "Copper Plate" })).toBeTruthy();
  expect(screen.getByRole("radio", { name: /v2\.0/ })).toHaveProperty("checked", true);
  expect(called("discover_search").every((call) => !(call.request as { text: string }).text.includes("http"))).toBe(true);
  await user.keyboard("{Escape}");
  await results();
  await user.type(field, "5031");
  await user.click(await screen.findByRole("button", { name: "Open version 5031" }));
  await waitFor(() => expect(location.hash).toBe("#/discover/503/5031"));
});

test("a tag on a model's page looks for that tag alone", async () => {
  const { called, user } = await openDiscover();
  await user.click(await card(/Ink and Wash/));
  await user.click(await screen.findByRole("button", { name: "ink" }));
  await waitFor(() => expect(called("discover_search").at(-1)?.request).toMatchObject({ tag: "ink", text: "" }));
  await user.click(await screen.findByRole("button", { name: "Remove the filter tag ink" }));
  await waitFor(() => expect(screen.queryByRole("button", { name: "Remove the filter tag ink" })).toBeNull());
});

test("a version goes into the vault where there is one", async () => {
  location.hash = "#/discover/501";
  const { called, user } = openApp({ vault: "full", account: signedIn });
  await user.click(await screen.findByRole("button", { name: "Add to vault" }));
  await waitFor(() => expect(called("vault_change").map((call) => call.request)).toEqual([{ versions: [5010], files: [], to: "in" }]));
});

test("no picture is asked for where previews are off", async () => {
  await openDiscover({ settings: { remote_previews: false } });
  const found = await card(/Ink and Wash/);
  expect(found.querySelector("img")).toBeNull();
  expect(found.querySelector('[data-cover="tonal"]')).toBeTruthy();
});

test("offline, refused and switched off each say what to do", async () => {
  const offline = { code: "offline" as const, message: "Civitai cannot be reached", hint: "Check your connection, then try again", retryable: true };
  const { user, platform, called } = await openDiscover({ fail: { discover_search: offline } });
  expect((await screen.findByRole("alert")).textContent).toContain("Check your connection, then try again");
  // Tried again when asked, not by itself.
  expect(called("discover_search")).toHaveLength(1);
  platform.fail = { discover_search: { code: "unauthorised", message: "Civitai wants a key", hint: "Sign in", retryable: false } };
  await user.click(screen.getByRole("button", { name: "Try again" }));
  await user.click(await screen.findByRole("button", { name: "Sign in" }));
  expect(location.hash).toBe("#/settings/account");
});

test("nothing found says what to try, and asking that is switched off asks nobody", async () => {
  const { user } = await openDiscover();
  await user.type(screen.getByRole("searchbox", { name: "Search Civitai" }), "zzzz");
  expect(await screen.findByText("Nothing at Civitai matches")).toBeTruthy();
});

test("with look-up switched off nothing is asked", async () => {
  location.hash = "#/discover";
  const { called } = openApp({ settings: { look_up: false } });
  expect(await screen.findByText("Asking Civitai is switched off")).toBeTruthy();
  expect(called("discover_search").length + called("discover_words").length).toBe(0);
});

test("a failure further down keeps what is there", async () => {
  const { user, platform } = await openDiscover();
  const list = await results();
  platform.fail = { discover_search: { code: "server", message: "Civitai is overloaded (503)", hint: "Try again in a while", retryable: true } };
  list.focus();
  await user.keyboard("{End}");
  expect((await screen.findByRole("alert")).textContent).toContain("overloaded");
  expect(screen.getAllByRole("option").length).toBeGreaterThan(3);
  platform.fail = {};
  await user.click(screen.getByRole("button", { name: "Try again" }));
  await waitFor(() => expect(screen.queryByRole("alert")).toBeNull());
});
