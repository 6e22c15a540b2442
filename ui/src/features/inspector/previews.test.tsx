import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { expect, test, vi } from "vitest";

import type { FakeOptions } from "../../platform/fake";
import { openApp } from "../../test/render";

async function view(options: FakeOptions = {}) {
  const app = openApp(options);
  await app.user.click(await screen.findByRole("option", { name: /^Ink and Wash Landscapes ?,/ }));
  const details = within(await screen.findByRole("complementary", { name: "Details" }));
  await details.findByRole("toolbar", { name: "Previews" });
  return { ...app, details };
}

test("the strip is one stop for Tab, and the arrows go along it", async () => {
  const { user, details } = await view();
  const strip = within(details.getByRole("toolbar", { name: "Previews" }));
  const thumbs = strip.getAllByRole("button");
  expect(thumbs.filter((each) => each.tabIndex === 0)).toHaveLength(1);
  thumbs[0]?.focus();
  await user.keyboard("{ArrowRight}{ArrowRight}");
  expect(document.activeElement).toBe(thumbs[2]);
  expect(thumbs[2]?.getAttribute("aria-pressed")).toBe("true");
  await user.keyboard("{End}{ArrowRight}");
  expect(document.activeElement).toBe(thumbs[3]);
});

test("a preview opens in the whole window, goes on, grows, and gives the focus back", async () => {
  const { user, details } = await view();
  const enlarge = details.getByRole("button", { name: "Enlarge the preview" });
  await user.click(enlarge);
  const element = await screen.findByRole("dialog", { name: "Preview of Ink and Wash Landscapes" });
  const viewer = within(element);
  expect(viewer.getByRole("status").textContent).toBe("Preview 1 of 4");
  await user.keyboard("{ArrowRight}");
  expect(viewer.getByRole("status").textContent).toBe("Preview 2 of 4");
  await user.keyboard("+");
  expect(viewer.getByText("150 %")).toBeTruthy();
  // An enlarged one is moved about in.
  await user.keyboard("{ArrowRight}");
  expect(viewer.getByRole("status").textContent).toBe("Preview 2 of 4");
  await user.keyboard("0{ArrowLeft}{ArrowLeft}");
  expect(viewer.getByRole("status").textContent).toBe("Preview 1 of 4");
  element.dispatchEvent(new Event("cancel", { cancelable: true }));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(document.activeElement).toBe(enlarge);
  // The details are still there: Esc was the viewer's.
  expect(screen.getByRole("complementary", { name: "Details" })).toBeTruthy();
});

test("above the chosen level a preview is blurred here as well, and shown one by one", async () => {
  const { user, details } = await view();
  await user.click(details.getByRole("button", { name: "Enlarge the preview" }));
  const viewer = within(await screen.findByRole("dialog"));
  await user.keyboard("{ArrowRight}{ArrowRight}");
  expect(viewer.getByText("Rated X, blurred by your setting")).toBeTruthy();
  await user.click(viewer.getByRole("button", { name: "Show" }));
  expect(viewer.queryByText("Rated X, blurred by your setting")).toBeNull();
});

test("the prompt of a preview copies, and is not told of one that is blurred", async () => {
  const { user, details, platform } = await view();
  await user.click(details.getByText("Prompt"));
  await user.click(details.getByRole("button", { name: "Copy Prompt" }));
  expect(platform.copied[0]).toMatch(/^sumi-e brushwork/);
});

test("a video is muted, has controls, and does not begin by itself where less motion is asked for", async () => {
  vi.spyOn(window, "matchMedia").mockImplementation((query) => ({ matches: query.includes("reduced-motion"), media: query, addEventListener: () => undefined, removeEventListener: () => undefined }) as unknown as MediaQueryList);
  const app = openApp();
  const item = app.platform.items[0];
  if (item) Object.assign(item, { preview_is_video: true, model_id: null });
  await app.user.click(await screen.findByRole("option", { name: /^Ink and Wash Landscapes ?,/ }));
  const details = within(await screen.findByRole("complementary", { name: "Details" }));
  await app.user.click(await details.findByRole("button", { name: "Enlarge the preview" }));
  const video = (await screen.findByRole("dialog")).querySelector("video");
  expect(video).toMatchObject({ muted: true, controls: true, autoplay: false });
  // Neither a video nor a picture: said quietly.
  if (video) fireEvent.error(video);
  const still = screen.getByRole("dialog").querySelector("img");
  if (still) fireEvent.error(still);
  expect(within(screen.getByRole("dialog")).getByText("This preview cannot be shown")).toBeTruthy();
});
