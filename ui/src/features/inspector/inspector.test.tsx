import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";

import { openApp } from "../../test/render";
import type { FakeOptions } from "../../platform/fake";

async function inspect(name: RegExp, options: FakeOptions = {}) {
  const app = openApp(options);
  await app.user.click(await screen.findByRole("option", { name }));
  const details = await screen.findByRole("complementary", { name: "Details" });
  return { ...app, details: within(details) };
}

test("a known model shows its name, state, words, hashes and copies", async () => {
  const { details } = await inspect(/^Ink and Wash Landscapes ?,/);
  expect(details.getByRole("heading", { name: "Ink and Wash Landscapes" })).toBeTruthy();
  expect(details.getByText(/^Verified, read in full/)).toBeTruthy();
  expect(await details.findByText("BLAKE3")).toBeTruthy();
  expect(details.getByText("Same content", { exact: false })).toBeTruthy();
  expect(await details.findByText("wet edges")).toBeTruthy();
});

test("what Civitai said over time is a short history", async () => {
  const { details } = await inspect(/^Ink and Wash Landscapes ?,/);
  const history = within(await details.findByRole("region", { name: "History" }));
  expect(history.getAllByRole("listitem")).toHaveLength(3);
  expect(history.getByText(/\(test\)/)).toBeTruthy();
});

test("a belief that reading proved wrong is told", async () => {
  const { details } = await inspect(/^Blueprint Lines ?,/);
  expect((await details.findByRole("note")).textContent).toMatch(/LoRA Manager gave its hash as/);
});

test("trigger words copy one by one and all together, and say so", async () => {
  const { user, details, platform } = await inspect(/^Ink and Wash Landscapes ?,/);
  await user.click(details.getByRole("button", { name: "Copy “inkwash”" }));
  await user.click(details.getByRole("button", { name: "Copy all" }));
  expect(platform.copied).toEqual(["inkwash", "inkwash, sumi-e brushwork, misty mountains"]);
  expect(await details.findByText("Copied")).toBeTruthy();
  await waitFor(() => {
    expect(screen.getAllByRole("status").some((status) => status.textContent === "Copied all trigger words")).toBe(true);
  });
});

test("asking again tells the answer", async () => {
  const { user, details, called } = await inspect(/^velvet_noir_v2 ?,/);
  await user.click(details.getByRole("button", { name: "Ask again" }));
  expect(await details.findByText("Civitai does not know this file")).toBeTruthy();
  expect(called("identify")[0]?.request).toEqual({ files: [8] });
});

test("with look-up off there is nothing to ask", async () => {
  const { details } = await inspect(/^velvet_noir_v2 ?,/, { settings: { look_up: false } });
  await waitFor(() => expect(details.getByRole("button", { name: "Ask again" })).toHaveProperty("disabled", true));
});

test("a preview above the level waits behind Show", async () => {
  const { user, details } = await inspect(/^Analog 35 Grain ?,/);
  await user.click(await details.findByRole("button", { name: "Show" }));
  expect(details.queryByRole("button", { name: "Show" })).toBeNull();
});

test("without the ability there is no Reveal; a link opens outside", async () => {
  const { user, details, platform } = await inspect(/^Ink and Wash Landscapes ?,/, { capabilities: { reveal: false } });
  expect(details.queryByRole("button", { name: "Reveal" })).toBeNull();
  await user.click(await details.findByRole("button", { name: "Open at Civitai" }));
  expect(platform.opened[0]).toMatch(/^https:\/\/civitai\.com\/models\//);
});

test("Esc closes it and gives the keyboard back to the list; Enter opens it again", async () => {
  const { user } = await inspect(/^Ink and Wash Landscapes ?,/);
  await user.keyboard("{Escape}");
  expect(screen.queryByRole("complementary", { name: "Details" })).toBeNull();
  await waitFor(() => expect(document.activeElement).toBe(screen.getByRole("listbox")));
  await user.keyboard("{ArrowRight}{Enter}");
  const details = await screen.findByRole("complementary", { name: "Details" });
  expect(within(details).getByRole("heading", { name: "Neon Alley Rain" })).toBeTruthy();
  await waitFor(() => expect(document.activeElement).toBe(details));
});

test("a file Civitai does not know is linked by hand, and the link is taken back", async () => {
  const { user, details, called } = await inspect(/^field_notes_botanica_v2 ?,/);
  await user.click(details.getByRole("button", { name: "Link to a model…" }));
  const dialog = within(screen.getByRole("dialog", { name: "Link to a model" }));
  const field = dialog.getByRole("textbox", { name: "Model at Civitai" });
  expect(dialog.getByRole("button", { name: "Link" })).toHaveProperty("disabled", true);

  await user.type(field, "my favourite");
  await user.click(dialog.getByRole("button", { name: "Link" }));
  expect((await dialog.findByRole("alert")).textContent).toContain("Paste the address of the model's page");
  expect(field.getAttribute("aria-invalid")).toBe("true");

  await user.clear(field);
  expect(dialog.queryByRole("alert")).toBeNull();
  await user.type(field, " https://civitai.com/models/12?modelVersionId=34 {Enter}");
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(called("item_link").at(-1)?.request).toEqual({ id: 5, reference: "https://civitai.com/models/12?modelVersionId=34" });
  expect(await details.findByText("Linked by you")).toBeTruthy();
  await waitFor(() => {
    expect(screen.getAllByRole("status").some((status) => status.textContent === "Linked to Velvet Noir v2")).toBe(true);
  });

  await user.click(details.getByRole("button", { name: "Remove link" }));
  expect(await details.findByText(/^Not known to Civitai/)).toBeTruthy();
  expect(called("item_unlink")[0]?.request).toEqual({ id: 5 });
  await waitFor(() => expect(document.activeElement?.textContent).toBe("Link to a model…"));
});

test("linking says that the file may have to be read first", async () => {
  const { user, details } = await inspect(/^field_notes_botanica_v2 ?,/, { hang: ["item_link"] });
  await user.click(details.getByRole("button", { name: "Link to a model…" }));
  const dialog = within(screen.getByRole("dialog"));
  await user.type(dialog.getByRole("textbox"), "34{Enter}");
  expect(await dialog.findByText("Reading the file if needed…")).toBeTruthy();
  expect(dialog.getByRole("textbox")).toHaveProperty("readOnly", true);
  await user.click(dialog.getByRole("button", { name: "Cancel" }));
  expect(screen.queryByRole("dialog")).toBeNull();
});

test("what lies beside the file is told, and its activation text copies", async () => {
  const { user, details, platform } = await inspect(/^Ink and Wash Landscapes ?,/);
  const beside = within(await details.findByRole("region", { name: "Beside the file" }));
  expect(beside.getByText("A1111 and Forge")).toBeTruthy();
  expect(beside.getByText("0.7")).toBeTruthy();
  expect(beside.getByText(/Too strong above/)).toBeTruthy();
  await user.click(beside.getByRole("button", { name: "Copy Activation text" }));
  expect(platform.copied).toEqual(["inkwash, sumi-e brushwork"]);
});

test("nothing beside the file is nothing said; what cannot be read says so", async () => {
  const { user, details } = await inspect(/^Neon Alley Rain ?,/);
  await details.findByText("BLAKE3");
  expect(details.queryByRole("region", { name: "Beside the file" })).toBeNull();
  await user.click(screen.getByRole("option", { name: /^Porcelain Portrait ?,/ }));
  expect(await details.findByText("The file is not valid JSON")).toBeTruthy();
});

test("details stay where the list turns to other rows before they are there", async () => {
  const { user } = openApp({ hang: ["library_item"] });
  await user.click(await screen.findByRole("option", { name: /^Ink and Wash Landscapes ?,/ }));
  const details = await screen.findByRole("complementary", { name: "Details" });
  await within(details).findByRole("heading", { name: "Ink and Wash Landscapes" });
  const button = within(details).getByRole("button", { name: "Enlarge the preview" });
  await user.type(screen.getByRole("searchbox", { name: "Search the library" }), "neon");
  await waitFor(() => expect(screen.queryByRole("option", { name: /^Ink and Wash Landscapes ?,/ })).toBeNull());
  expect(within(details).getByRole("button", { name: "Enlarge the preview" })).toBe(button);
});
