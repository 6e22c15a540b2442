import { act, screen, waitFor, within } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";

import type { FakeOptions } from "../../platform/fake";
import { openApp } from "../../test/render";
import { goingOf, idOf, listOf } from "./list";

beforeEach(() => {
  location.hash = "";
});

async function openCare(list = "", options: FakeOptions = {}) {
  location.hash = `#/care${list === "" ? "" : `/${list}`}`;
  const app = openApp({ care: "full", ...options });
  const main = await screen.findByRole("main", { name: "Care" });
  return { ...app, care: within(main) };
}

function nth(elements: readonly HTMLElement[], at: number): HTMLElement {
  const element = elements[at];
  if (!element) throw new Error(`There are only ${elements.length}`);
  return element;
}

const region = (name: string) => screen.findByRole("region", { name });

test("the first list with something on it is shown, and every list with its count", async () => {
  const { care } = await openCare();
  const lists = within(await care.findByRole("navigation", { name: "Lists" }));
  expect(lists.getAllByRole("link").map((link) => link.textContent)).toEqual([
    expect.stringMatching(/^Duplicates3 · .* to free$/),
    expect.stringMatching(/^Updates4 · /),
    expect.stringMatching(/^Damaged3 · /),
    expect.stringMatching(/^Wrong folder2 · /),
    expect.stringMatching(/^Unsafe3 · /),
    expect.stringMatching(/^Left behind4 · /),
    expect.stringMatching(/^Missing/),
  ]);
  expect(lists.getByRole("link", { name: /^Duplicates/ }).getAttribute("aria-current")).toBe("true");
  await region("Duplicates");
  // The rail counts everything that can be looked after from here.
  const places = within(screen.getByRole("navigation", { name: "Places" }));
  expect(places.getByRole("link", { name: /^Care/ }).textContent).toBe("Care19");
});

test("the copy to keep is chosen; the others go after a question and come back", async () => {
  const { user, called, platform } = await openCare("duplicates");
  const list = within(await region("Duplicates"));
  const [group] = await list.findAllByRole("group", { name: /^Which copy of .* to keep$/ });
  if (!group) throw new Error("no group");
  const copies = within(group).getAllByRole("radio");
  expect(copies.map((copy) => (copy as HTMLInputElement).checked)).toEqual([true, false]);
  const before = platform.items.length;
  await user.click(nth(copies, 1));
  await user.click(nth(list.getAllByRole("button", { name: /^Trash the other: / }), 0));
  const dialog = within(screen.getByRole("dialog", { name: "Move 1 copy to the trash?" }));
  expect(dialog.getByText(/The copy you keep stays, and is checked once more before\./)).toBeTruthy();
  expect(dialog.getByText(/A UI whose copy goes no longer finds the model/)).toBeTruthy();
  await user.click(dialog.getByRole("button", { name: "Move to trash" }));
  const toast = within(await screen.findByRole("region", { name: "What was just done" }));
  const [{ groups }] = called("care_trash_copies").map((call) => call.request as { groups: { keep: number; trash: number[] }[] }) as [{ groups: { keep: number; trash: number[] }[] }];
  expect(groups[0]?.trash).not.toContain(groups[0]?.keep);
  expect(platform.items).toHaveLength(before - 1);
  await user.click(toast.getByRole("button", { name: "Undo" }));
  await waitFor(() => expect(platform.items).toHaveLength(before));
});

test("all others at once are told in number and bytes", async () => {
  const { user, called } = await openCare("duplicates");
  const list = within(await region("Duplicates"));
  await user.click(await list.findByRole("button", { name: /^Trash all others \(\d+, .*B\)$/ }));
  await user.click(within(screen.getByRole("dialog")).getByRole("button", { name: /^Move \d+ to trash$/ }));
  await waitFor(() => expect(called("care_trash_copies")).toHaveLength(1));
});

test("a held copy that is not kept stays where it is", () => {
  const item = (id: number) => ({ id }) as never;
  const group = { sha256: "", size: 1, bytes: 1, keep: 1, copies: [{ item: item(1), held: "linked" as const }, { item: item(2), held: null }, { item: item(3), held: "managed" as const }] };
  expect(goingOf(group, 1).map((copy) => copy.item.id)).toEqual([2]);
  expect(goingOf(group, 2)).toEqual([]);
  expect(idOf({ list: "duplicates", ...group })).toBe(1);
  expect(listOf("missing", undefined)).toBe("missing");
  expect(listOf("nonsense", undefined)).toBe("duplicates");
});

test("newer versions for the same base model come first and are queued; another base model is set apart", async () => {
  const { user, called } = await openCare("updates");
  const same = within(await region("For the same base model"));
  const other = within(await region("For another base model"));
  expect(same.getAllByRole("listitem")).toHaveLength(4);
  expect(other.getAllByRole("listitem")).toHaveLength(2);
  expect(same.getByText("Early access: must be paid for at the moment")).toBeTruthy();
  await user.click(nth(same.getAllByRole("button", { name: /^Download: / }), 0));
  await waitFor(() => expect(called("download_add")).toHaveLength(1));
  expect(await same.findByRole("link", { name: "On its way" })).toBeTruthy();
  // The rest of them that can be had for free.
  await user.click(screen.getByRole("button", { name: /^Download all \(2, / }));
  await user.click(within(screen.getByRole("dialog", { name: "Download 2 newer versions?" })).getByRole("button", { name: "Download" }));
  await waitFor(() => expect(called("download_add")).toHaveLength(3));
});

test("Civitai is asked on a click, and a refusal is told where it was asked", async () => {
  const { user, called, platform } = await openCare("updates", { care: "none" });
  expect(await screen.findByText("No newer version is known")).toBeTruthy();
  expect(screen.getByText(/^Not checked yet: \d+ models$/)).toBeTruthy();
  await user.click(screen.getByRole("button", { name: "Check for updates" }));
  await screen.findByText(/^\d+ models checked just now$/);
  expect(called("care_check_updates")).toHaveLength(1);
  platform.fail = { care_check_updates: { code: "offline", message: "Civitai cannot be reached", hint: "Check the network", retryable: false } };
  await user.click(screen.getByRole("button", { name: "Check for updates" }));
  expect((await screen.findByRole("alert")).textContent).toContain("Check the network");
});

test("a download that is refused says why, and what was cut off can be had again or thrown away", async () => {
  const { user, platform } = await openCare("damaged");
  const list = within(await region("Damaged"));
  expect(await list.findByText(/^Cut off: 81 MiB of .* are missing$/)).toBeTruthy();
  platform.fail = { download_add: { code: "forbidden", message: "Civitai refuses it", hint: "It is in early access", retryable: false } };
  await user.click(nth(list.getAllByRole("button", { name: /^Download again: / }), 0));
  expect((await list.findByRole("alert")).textContent).toContain("It is in early access");
  await user.click(nth(list.getAllByRole("button", { name: /^Trash…: / }), 0));
  expect(screen.getByRole("dialog", { name: /^Move “.*” to the trash\?$/ })).toBeTruthy();
});

test("a model in the wrong folder goes to the right one, or says why it cannot", async () => {
  const { user, called } = await openCare("misplaced");
  const list = within(await region("Wrong folder"));
  expect(await list.findAllByText("LoRA in a folder for Checkpoint")).toHaveLength(2);
  expect(list.getByText(/Modeldock moves within a drive only/)).toBeTruthy();
  await user.click(list.getByRole("button", { name: /^Move there: / }));
  await waitFor(() => expect(called("files_move")).toHaveLength(1));
});

test("what a pickle may do is told, with the safer file of the same version", async () => {
  const { user, called } = await openCare("unsafe");
  const list = within(await region("Unsafe"));
  expect(await list.findByText("Civitai found code in it that does not belong there")).toBeTruthy();
  expect(list.getByText(/posix\.system/)).toBeTruthy();
  await user.click(list.getByRole("button", { name: /^Get safetensors: / }));
  await waitFor(() => expect(called("download_add")[0]?.request).toMatchObject({ file: 3_100_900 }));
});

test("what was left behind goes after a question, and comes back", async () => {
  const { user, platform } = await openCare("orphans");
  const list = within(await region("Left behind"));
  await user.click(await list.findByRole("button", { name: /^Trash all shown \(4, / }));
  await user.click(within(screen.getByRole("dialog", { name: "Move 4 files to the trash?" })).getByRole("button", { name: "Move 4 to trash" }));
  expect(await screen.findByText("Nothing was left behind")).toBeTruthy();
  const toast = within(screen.getByRole("region", { name: "What was just done" }));
  expect(toast.getByText("Moved 4 files to the trash")).toBeTruthy();
  await user.click(toast.getByRole("button", { name: "Undo" }));
  expect(await list.findAllByRole("listitem")).toHaveLength(4);
  expect(platform.care.orphans).toHaveLength(4);
});

test("where nothing wants looking after, that is said; what could not be had is asked for again", async () => {
  const { platform } = await openCare("", { care: "none" });
  expect(await screen.findByText("Everything is in order").catch(() => screen.findByText("No file is here twice"))).toBeTruthy();
  const places = within(screen.getByRole("navigation", { name: "Places" }));
  expect(places.getByRole("link", { name: "Care" })).toBeTruthy();
  platform.fail = { care_list: { code: "database", message: "The library is locked", hint: "Close the other program", retryable: false } };
  act(() => platform.emit({ event: "library_changed" }));
  expect((await screen.findByRole("alert")).textContent).toContain("The library is locked");
});

test("a summary that cannot be had says so, with the way to try again", async () => {
  const { user, platform } = await openCare("", { fail: { care_show: { code: "database", message: "The library is locked", hint: "Close the other program", retryable: false } } });
  expect((await screen.findByRole("alert")).textContent).toContain("Close the other program");
  platform.fail = {};
  await user.click(screen.getByRole("button", { name: "Try again" }));
  await region("Duplicates");
});
