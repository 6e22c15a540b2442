import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";

import { everyDownload, manyDownloads } from "../../platform/fake-downloads";
import { openApp } from "../../test/render";

// What a row is guessed to be: the test document has no layout to measure.
const height = 97;
const locked = { code: "database", message: "Could not write the library", hint: null, retryable: false } as const;

beforeEach(() => {
  // Far from an edge, where the page would scroll along.
  vi.spyOn(Element.prototype, "getBoundingClientRect").mockImplementation(function (this: Element) {
    return this.tagName === "MAIN" ? new DOMRect(0, -1000, 600, 100_000) : new DOMRect();
  });
});

async function openQueue() {
  location.hash = "#/downloads";
  const app = openApp({ downloads: everyDownload(Date.now()) });
  const queue = await screen.findByRole("region", { name: "Queue" });
  const rows = () => within(queue).getAllByRole("listitem");
  const first = () => rows().slice(0, 3).map((row) => /^[A-Z][a-z]+/.exec(row.textContent)?.[0]);
  const grab = (index: number) => {
    const grip = rows()[index]?.querySelector("[data-grip]");
    if (!grip) throw new Error("no grip");
    fireEvent.pointerDown(grip, { button: 0, isPrimary: true, clientY: index * height + 10 });
  };
  const dragTo = (y: number) => act(() => void fireEvent.pointerMove(window, { clientY: y }));
  return { ...app, first, grab, dragTo };
}

test("a row is dragged to another place, which is shown at once and told", async () => {
  const { called, first, grab, dragTo } = await openQueue();
  expect(first()).toEqual(["Harbour", "Wet", "Tin"]);
  grab(2);
  dragTo(5);
  // Nothing is asked before the row is let go.
  expect(called("download_order")).toHaveLength(0);
  act(() => void fireEvent.pointerUp(window));
  await waitFor(() => expect(first()).toEqual(["Tin", "Harbour", "Wet"]));
  expect(called("download_order").map((call) => call.request)).toEqual([{ id: 3, before: 1 }]);
  expect(await screen.findByText("Tin Toy Robots v3, now 1 of 7")).toBeTruthy();
});

test("dragged below the last row it is the last", async () => {
  const { called, grab, dragTo } = await openQueue();
  grab(0);
  dragTo(5000);
  act(() => void fireEvent.pointerUp(window));
  await waitFor(() => expect(called("download_order").map((call) => call.request)).toEqual([{ id: 1, before: null }]));
});

test("Esc, and letting go where it was, change nothing", async () => {
  const { called, first, grab, dragTo } = await openQueue();
  grab(2);
  dragTo(5);
  act(() => void fireEvent.keyDown(window, { key: "Escape" }));
  act(() => void fireEvent.pointerUp(window));
  grab(1);
  dragTo(height + 20);
  act(() => void fireEvent.pointerUp(window));
  expect(called("download_order")).toHaveLength(0);
  expect(first()).toEqual(["Harbour", "Wet", "Tin"]);
});

test("an order that cannot be kept is put back, and both is told", async () => {
  const { platform, first, grab, dragTo } = await openQueue();
  platform.fail = { download_order: locked };
  grab(2);
  dragTo(5);
  act(() => void fireEvent.pointerUp(window));
  expect((await screen.findByRole("alert")).textContent).toContain("Could not write the library");
  await waitFor(() => expect(first()).toEqual(["Harbour", "Wet", "Tin"]));
  expect(await screen.findByText("Tin Toy Robots v3 is back in its place")).toBeTruthy();
});

test("of a thousand downloads a few are drawn, and each says where it stands", async () => {
  location.hash = "#/downloads";
  openApp({ downloads: manyDownloads(Date.now(), 1000) });
  const queue = within(await screen.findByRole("region", { name: "Queue" }));
  await waitFor(() => expect(queue.getAllByRole("listitem").length).toBeGreaterThan(5));
  const rows = queue.getAllByRole("listitem");
  expect(rows.length).toBeLessThan(60);
  expect(rows[1]?.getAttribute("aria-posinset")).toBe("2");
  expect(rows[1]?.getAttribute("aria-setsize")).toBe("1007");
});
