import { act, createEvent, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";

import type { FakeOptions } from "../../platform/fake";
import { openApp } from "../../test/render";
import { fromPaths, isIn, lastOf, overPaths, parentOf } from "./dropped";

const transfer = (data: Record<string, string>, files: File[] = []) => ({
  types: [...Object.keys(data), ...(files.length > 0 ? ["Files"] : [])],
  files,
  getData: (type: string) => data[type] ?? "",
  dropEffect: "none",
});

function drag(kind: "dragOver" | "drop", dataTransfer: unknown, on: Element = document.body) {
  const event = createEvent[kind](on);
  Object.defineProperty(event, "dataTransfer", { value: dataTransfer });
  fireEvent(on, event);
  return event;
}

async function ready(options: FakeOptions = {}) {
  const app = openApp(options);
  await screen.findByRole("searchbox");
  return app;
}

test("a link is announced while it is held, and its plan is shown when it is let go", async () => {
  const { called } = await ready();
  const link = transfer({ "text/uri-list": "https://civitai.com/models/12?modelVersionId=34", "text/plain": "Some model" });
  expect(drag("dragOver", link).defaultPrevented).toBe(true);
  expect(screen.getByText("Drop it to see what would be downloaded")).toBeTruthy();
  drag("drop", link);
  expect(screen.queryByText("Drop it to see what would be downloaded")).toBeNull();
  expect(await screen.findByRole("region", { name: "What would be downloaded" })).toBeTruthy();
  expect(called("download_plan")[0]?.request).toEqual({ what: "https://civitai.com/models/12?modelVersionId=34" });
  expect(called("download_add")).toEqual([]);
});

test("words that name no model say what could be dropped; words for a field are the field's", async () => {
  await ready();
  const field = screen.getByRole("searchbox");
  expect(drag("dragOver", transfer({ "text/plain": "ink" }), field).defaultPrevented).toBe(false);
  expect(drag("drop", transfer({ "text/plain": "ink" }), field).defaultPrevented).toBe(false);
  expect(screen.queryByRole("dialog")).toBeNull();
  drag("drop", transfer({ "text/plain": "javascript:alert(1)" }));
  const dialog = await screen.findByRole("dialog", { name: "That names no model at Civitai" });
  expect(dialog.textContent).toContain("urn:air:sdxl:lora:civitai:123@456");
});

test("what is dragged within the page is not meant", async () => {
  await ready();
  fireEvent.dragStart(screen.getByRole("link", { name: /^Vault/ }));
  expect(drag("dragOver", transfer({ "text/uri-list": "http://localhost/#/vault" })).defaultPrevented).toBe(false);
  drag("drop", transfer({ "text/uri-list": "http://localhost/#/vault" }));
  expect(screen.queryByRole("dialog")).toBeNull();
});

test("a browser says plainly that it knows no paths, and looks for the name", async () => {
  const { user, platform } = await ready({ capabilities: { dropPaths: false } });
  const known = platform.items[0]?.file_name ?? "";
  const files = transfer({}, [new File([], known), new File([], "other.safetensors")]);
  drag("dragOver", files);
  expect(screen.getByText("A browser does not tell where files lie")).toBeTruthy();
  // Else the browser would open the file in the page's place.
  expect(drag("drop", files).defaultPrevented).toBe(true);
  const dialog = within(await screen.findByRole("dialog"));
  expect(dialog.getByText(/A browser does not tell a page where files lie/)).toBeTruthy();
  expect(await dialog.findByText("A file of this name is in the library")).toBeTruthy();
  expect(await dialog.findByText("No file of this name is in the library")).toBeTruthy();
  await user.click(dialog.getByRole("button", { name: "Folders in Settings" }));
  expect(location.hash).toBe("#/settings");
});

test("a folder dropped on the window is recognised, added and looked through, once somebody says so", async () => {
  const { platform, user, called } = await ready();
  act(() => platform.drag({ type: "enter", paths: ["/home/sam/SwarmUI"] }));
  expect(screen.getByText("Drop the folder to add to the library")).toBeTruthy();
  act(() => platform.drag({ type: "drop", paths: ["/home/sam/SwarmUI"] }));
  const dialog = within(await screen.findByRole("dialog", { name: "What was dropped" }));
  expect(await dialog.findByText("SwarmUI, 41 model files")).toBeTruthy();
  expect(called("roots_add")).toEqual([]);
  await user.click(dialog.getByRole("button", { name: "Add SwarmUI to the library" }));
  expect(await dialog.findByText("Already in the library")).toBeTruthy();
  expect(called("roots_add")[0]?.request).toEqual({ path: "/home/sam/SwarmUI" });
  expect(called("scan_start")).toHaveLength(1);
  await waitFor(() => expect(document.activeElement).toBe(dialog.getByRole("button", { name: "Close" })));
});

test("a refused folder says why", async () => {
  const { platform, user } = await ready({ fail: { roots_add: { code: "io", message: "`/data/x` is no folder", hint: "Drop the folder that holds the models", retryable: false } } });
  act(() => platform.drag({ type: "drop", paths: ["/data/x"] }));
  const dialog = within(await screen.findByRole("dialog"));
  await user.click(await dialog.findByRole("button", { name: "Add x to the library" }));
  expect((await dialog.findByRole("alert")).textContent).toContain("Drop the folder that holds the models");
});

test("a model file says where it lies, and elsewhere its folder is offered", async () => {
  const { platform, user } = await ready();
  const item = platform.items[3];
  const at = "/data/found/elsewhere.safetensors";
  act(() => platform.drag({ type: "drop", paths: [item?.path ?? "", at, "/data/found/cat.png"] }));
  const dialog = within(await screen.findByRole("dialog"));
  expect(await dialog.findByText(/^In the library, in/)).toBeTruthy();
  expect(await dialog.findByText("In none of your folders")).toBeTruthy();
  expect(dialog.getByText(/neither a folder nor a model file/)).toBeTruthy();
  expect(dialog.getByRole("button", { name: "Add folder of elsewhere.safetensors to the library" })).toBeTruthy();
  await user.click(dialog.getByRole("button", { name: `Show ${item?.file_name ?? ""} in the library` }));
  expect(location.hash).toBe(`#/library/${item?.id ?? 0}`);
});

test("paths are read with either slash, and a link handed over as a path is a link", () => {
  expect(isIn("C:\\models", "C:\\models\\a.ckpt")).toBe(true);
  expect(isIn("/models", "/models2/a.ckpt")).toBe(false);
  expect(isIn("/models/", "/models")).toBe(true);
  expect([lastOf("C:\\a\\b\\"), parentOf("C:\\a\\b.ckpt"), parentOf("/a/b.ckpt"), parentOf("/")]).toEqual(["b", "C:\\a", "/a", "/"]);
  expect(fromPaths(["https:/civitai.com/models/12"])).toEqual({ of: "reference", what: "https://civitai.com/models/12" });
  expect(fromPaths(["https://example.com/x"])).toEqual({ of: "unknown" });
  expect(overPaths(["/a/b", "/a/c.ckpt"])).toEqual({ of: "files" });
  expect(overPaths(["/a/c.ckpt", "/a/d.gguf"])).toEqual({ of: "models", amount: 2 });
});
