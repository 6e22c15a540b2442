import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";

import { everyActivity } from "../../platform/fake-files";
import { openApp } from "../../test/render";

const failure = { code: "database" as const, message: "Could not read the library", hint: "Close the other program", retryable: false };

function openActivity(options: Parameters<typeof openApp>[0] = {}) {
  location.hash = "#/activity";
  return openApp(options);
}
const row = async (title: RegExp) => {
  const found = (await screen.findAllByRole("listitem")).find((each) => title.test(each.textContent));
  if (!found) throw new Error("no such row");
  return within(found);
};

test("what was done is told with when, by whom, how much, from where to where, and what went wrong", async () => {
  openActivity({ activity: everyActivity(Date.now()) });
  const moved = await row(/3 models/);
  expect(moved.getByText(/3 h ago, by Civitai’s site/)).toBeTruthy();
  expect(moved.getByText(/^3 models, 19.6 GiB/)).toBeTruthy();
  expect(moved.getByText("Not everything went well")).toBeTruthy();
  expect(moved.getByText("Check who may write there")).toBeTruthy();
  expect((await row(/12 models/)).getByText("The system’s trash")).toBeTruthy();
  const failed = await row(/ceramic_glaze/);
  expect(failed.getByText("Did not happen")).toBeTruthy();
  expect(failed.queryByRole("button")).toBeNull();
});

test("what can be undone is undone, and says so", async () => {
  const { user, platform, called } = openActivity();
  await screen.findByText("Nothing was done to files yet");
  await platform.call("file_rename", { id: 1, name: "ink" });
  const undo = await screen.findByRole("button", { name: "Undo: ink_and_wash_landscapes_v1.safetensors renamed" });
  await user.click(undo);
  expect(await screen.findByText("Undone")).toBeTruthy();
  await waitFor(() => expect(screen.queryByRole("button", { name: /^Undo:/ })).toBeNull());
  expect(called("activity_undo")[0]?.request).toEqual({ id: 1 });
  expect(platform.items[0]?.file_name).toBe("ink_and_wash_landscapes_v1.safetensors");
});

test("what cannot be undone any more says why, in its row", async () => {
  const { user } = openActivity({
    activity: everyActivity(Date.now()),
    fail: { activity_undo: { code: "io", message: "`x` is not there any more", hint: "It was moved elsewhere", retryable: false } },
  });
  const trashed = await row(/12 models/);
  await user.click(trashed.getByRole("button"));
  expect((await trashed.findByRole("alert")).textContent).toContain("It was moved elsewhere");
});

test("nothing done yet is said", async () => {
  openActivity();
  expect(await screen.findByText("Nothing was done to files yet")).toBeTruthy();
});

test("a list that cannot be read says why and can be read again", async () => {
  const { user, platform } = openActivity({ fail: { activity_list: failure } });
  expect((await screen.findByRole("alert")).textContent).toContain("Close the other program");
  platform.fail = {};
  await user.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByText("Nothing was done to files yet")).toBeTruthy();
});
