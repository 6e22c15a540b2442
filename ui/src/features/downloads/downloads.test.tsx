import { act, screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";

import type { FakeOptions } from "../../platform/fake";
import { everyDownload } from "../../platform/fake-downloads";
import { openApp } from "../../test/render";

async function openDownloads(options: FakeOptions = {}) {
  location.hash = "#/downloads";
  const app = openApp({ downloads: everyDownload(Date.now()), ...options });
  await screen.findByRole("heading", { level: 1, name: "Downloads" });
  return app;
}

const queue = () => screen.findByRole("region", { name: "Queue" });

test("the rail counts what is not finished", async () => {
  await openDownloads();
  await queue();
  expect(screen.getByRole("link", { name: /^Downloads/ }).textContent).toContain("7");
});

test("each says who asked for it, unless it was the person", async () => {
  await openDownloads();
  const origin = (title: string) => screen.getByText(title).parentElement?.textContent;
  await screen.findByText("Tin Toy Robots v3");
  expect(origin("Tin Toy Robots v3")).toMatch(/ · from Civitai’s site$/);
  expect(origin("Salt Flats v1")).toMatch(/ · from the vault$/);
  expect(origin("Harbour Light XL v4")).not.toMatch(/from/);
});

test("progress moves a bar without asking for the list again", async () => {
  const { platform, called } = await openDownloads();
  const bar = await screen.findByRole("progressbar", { name: "Progress of Harbour Light XL v4" });
  expect(bar.getAttribute("aria-valuenow")).toBe("42");
  const asked = called("downloads_list").length;
  act(() => platform.emit({ event: "download_progress", downloads: [{ id: 1, received: 11.1 * 1024 ** 3, total: 22.2 * 1024 ** 3, speed: 1024 ** 2, seconds_left: 60 }] }));
  await waitFor(() => expect(bar.getAttribute("aria-valuenow")).toBe("50"));
  expect(called("downloads_list")).toHaveLength(asked);
});

test("one is paused and let go on, all of them by name", async () => {
  const { user, called } = await openDownloads();
  await user.click(await screen.findByRole("button", { name: "Pause Harbour Light XL v4" }));
  await user.click(await screen.findByRole("button", { name: "Resume Harbour Light XL v4" }));
  expect(called("downloads_pause").map((call) => call.request)).toEqual([{ ids: [1] }]);
  expect(called("downloads_resume").map((call) => call.request)).toEqual([{ ids: [1] }]);
  await user.click(screen.getByRole("button", { name: "Resume all" }));
  expect(called("downloads_resume").at(-1)?.request).toEqual({ ids: [5, 6] });
});

test("cancelling what has begun says how much is lost, and asks first", async () => {
  const { user, called } = await openDownloads();
  await user.click(await screen.findByRole("button", { name: "Cancel Harbour Light XL v4" }));
  const dialog = screen.getByRole("dialog");
  expect(dialog.textContent).toContain("9.41 GiB that arrived so far are removed");
  expect(called("downloads_cancel")).toHaveLength(0);
  await user.click(within(dialog).getByRole("button", { name: "Cancel and remove" }));
  await waitFor(() => expect(called("downloads_cancel").map((call) => call.request)).toEqual([{ ids: [1] }]));
});

test("the queue is put in another order", async () => {
  const { user, called } = await openDownloads();
  await user.click(await screen.findByRole("button", { name: "Move Tin Toy Robots v3 up" }));
  await user.click(screen.getByRole("button", { name: "Move Moss and Lichen Macro v1 down" }));
  expect(called("download_order").map((call) => call.request)).toEqual([{ id: 3, before: 2 }]);
  const rows = within(await queue()).getAllByRole("listitem");
  expect(rows[1]?.textContent).toContain("Tin Toy Robots");
});

test("one is limited to a speed of its own, and let go again", async () => {
  const { user, called } = await openDownloads();
  const row = () => screen.getByRole("progressbar", { name: "Progress of Tin Toy Robots v3" }).closest("li");
  await user.click(await screen.findByRole("button", { name: "Speed limit of Tin Toy Robots v3" }));
  expect(screen.getByRole("menuitemradio", { name: "As in Settings" }).getAttribute("aria-checked")).toBe("true");
  await user.click(screen.getByRole("menuitemradio", { name: "5 MiB/s" }));
  await waitFor(() => expect(row()?.textContent).toContain("at most 5 MiB/s"));

  await user.click(screen.getByRole("button", { name: "Speed limit of Tin Toy Robots v3" }));
  await user.click(screen.getByRole("menuitem", { name: "Another speed…" }));
  const field = screen.getByRole("spinbutton", { name: "MiB per second" });
  await user.clear(field);
  expect(screen.getByRole("button", { name: "Set limit" })).toHaveProperty("disabled", true);
  await user.type(field, "2.5{Enter}");
  await waitFor(() => expect(row()?.textContent).toContain("at most 2.5 MiB/s"));
  expect(screen.queryByRole("dialog")).toBeNull();
  await waitFor(() => expect(document.activeElement?.getAttribute("aria-label")).toBe("Speed limit of Tin Toy Robots v3"));

  await user.click(screen.getByRole("button", { name: "Speed limit of Tin Toy Robots v3" }));
  expect(screen.getByRole("menuitemradio", { name: "2.5 MiB/s" }).getAttribute("aria-checked")).toBe("true");
  await user.click(screen.getByRole("menuitemradio", { name: "As in Settings" }));
  await waitFor(() => expect(row()?.textContent).not.toContain("at most"));
  expect(called("download_limit").map((call) => call.request)).toEqual([
    { id: 3, limit: 5 * 1024 ** 2 },
    { id: 3, limit: 2.5 * 1024 ** 2 },
    { id: 3, limit: null },
  ]);
});

test("a limit that cannot be kept says why", async () => {
  const { user } = await openDownloads({ fail: { download_limit: { code: "database", message: "Could not write the library", hint: null, retryable: false } } });
  await user.click(await screen.findByRole("button", { name: "Speed limit of Tin Toy Robots v3" }));
  await user.click(screen.getByRole("menuitemradio", { name: "1 MiB/s" }));
  expect((await screen.findByRole("alert")).textContent).toContain("Could not write the library");
});

test("a failure is told with what to do, and tried again", async () => {
  const { user, called } = await openDownloads();
  expect(await screen.findByText(/it is in early access/)).toBeTruthy();
  await user.click(screen.getByRole("button", { name: "Try Members Only Style v1 again" }));
  expect(called("downloads_retry").map((call) => call.request)).toEqual([{ ids: [11] }]);
});

test("a finished download opens its file in the library", async () => {
  const { user } = await openDownloads();
  await user.click(await screen.findByRole("link", { name: "Show in library: Woodblock Sea v2.1" }));
  const details = await screen.findByRole("complementary", { name: "Details" });
  await waitFor(() => expect(within(details).getByRole("heading", { level: 2 }).textContent).toBe("Woodblock Sea"));
});

test("clearing takes only what has ended off the list", async () => {
  const { user, called } = await openDownloads();
  await user.click(await screen.findByRole("button", { name: "Clear finished" }));
  await waitFor(() => expect(screen.queryByRole("region", { name: "History" })).toBeNull());
  expect(called("downloads_clear").map((call) => call.request)).toEqual([{ ids: [8, 9, 10, 11, 12] }]);
  expect(within(await queue()).getAllByRole("listitem")).toHaveLength(7);
});

test("what is pasted is shown before it is downloaded, to where it was shown", async () => {
  const { user, called } = await openDownloads({ downloads: [] });
  expect(await screen.findByText("Nothing to download")).toBeTruthy();
  await user.click(screen.getByRole("textbox", { name: /^Paste a Civitai link/ }));
  await user.paste("https://civitai.com/models/830500?modelVersionId=1001");
  const plan = within(await screen.findByRole("region", { name: "What would be downloaded" }));
  expect(plan.getByText("The same content is in your library already.", { exact: false })).toBeTruthy();
  expect(called("download_add")).toHaveLength(0);
  await user.click(plan.getByRole("radio", { name: /fp8/ }));
  await plan.findByText(/_fp8\.safetensors$/, { selector: ".font-mono" });
  await user.selectOptions(plan.getByRole("combobox", { name: "Folder" }), "2");
  await plan.findByText(/There is not enough room/);
  await user.click(plan.getByRole("button", { name: "Download" }));
  await queue();
  expect(called("download_add").map((call) => call.request)).toEqual([
    { what: "https://civitai.com/models/830500?modelVersionId=1001", file: 10012, root: 2 },
  ]);
});

test("what names no model is told at the field", async () => {
  const { user } = await openDownloads({ downloads: [] });
  await user.type(screen.getByRole("textbox", { name: /^Paste a Civitai link/ }), "my favourite{Enter}");
  expect((await screen.findByRole("alert")).textContent).toContain("my favourite names no model");
});

test("what cannot be verified, or must be paid for, is said before", async () => {
  const { user } = await openDownloads({ downloads: [] });
  const field = screen.getByRole("textbox", { name: /^Paste a Civitai link/ });
  await user.type(field, "1002{Enter}");
  expect(await screen.findByText(/Civitai knows no hash for this file/)).toBeTruthy();
  await user.clear(field);
  await user.type(field, "1003{Enter}");
  expect(await screen.findByText(/^In early access/)).toBeTruthy();
});

test("a list that cannot be read says why and is asked for again", async () => {
  const { user, platform } = await openDownloads({ fail: { downloads_list: { code: "database", message: "Could not read the library", hint: "Close the other program", retryable: false } } });
  expect((await screen.findByRole("alert")).textContent).toContain("Close the other program");
  platform.fail = {};
  await user.click(screen.getByRole("button", { name: "Try again" }));
  await queue();
});

test("an address with a reference shows its plan, and nothing is fetched", async () => {
  location.hash = "#/downloads/plan/https%3A%2F%2Fcivitai.com%2Fmodels%2F12%3FmodelVersionId%3D34";
  const { user, called } = openApp({ downloads: [] });
  expect(await screen.findByRole("region", { name: "What would be downloaded" })).toBeTruthy();
  expect(called("download_plan")[0]?.request).toEqual({ what: "https://civitai.com/models/12?modelVersionId=34" });
  expect(called("download_add")).toEqual([]);
  await user.click(screen.getByRole("button", { name: "Cancel" }));
  expect(location.hash).toBe("#/downloads");
  expect(screen.getByRole("textbox")).toHaveProperty("value", "");
});
