import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";

import { everyDownload } from "../../platform/fake-downloads";
import { signedIn } from "../../platform/fake";
import { openApp } from "../../test/render";

const refused = { code: "unauthorised" as const, message: "Civitai does not accept the key any more", hint: "Make a new one and sign in again", retryable: false };

async function openNeeds(options: Parameters<typeof openApp>[0]) {
  const app = openApp(options);
  await app.user.click(await screen.findByRole("link", { name: /^Needs you/ }));
  await screen.findByRole("heading", { level: 1, name: "Needs you" });
  return app;
}

test("the rail counts what needs a person, and every entry leads to where it can be dealt with", async () => {
  const { user } = await openNeeds({ account: { ...signedIn, signed_in: false, problem: refused }, downloads: everyDownload(Date.now()) });
  const list = within(screen.getByRole("main"));
  expect(await list.findByText("Civitai does not accept your key")).toBeTruthy();
  expect(list.getByText(/could not be read/)).toBeTruthy();
  expect(list.getByText("1 download failed")).toBeTruthy();
  expect(list.getByText("1 download waits for room on the drive")).toBeTruthy();
  expect(list.getByText("The folder NAS archive cannot be reached")).toBeTruthy();
  await waitFor(() => expect(screen.getByRole("link", { name: /^Needs you/ }).textContent).toBe("Needs you5"));
  await user.click(list.getByRole("button", { name: /^Account/ }));
  expect(location.hash).toBe("#/settings/account");
});

test("files that cannot be read are shown in the library, and nothing else", async () => {
  const { user, called } = await openNeeds({});
  await user.click(await screen.findByRole("button", { name: /^Show them: .* could not be read/ }));
  await screen.findByRole("listbox");
  await waitFor(() => expect(called("library_list").at(-1)?.request).toMatchObject({ states: ["failed"], search: "" }));
});

test("where nothing needs anybody, that is said", async () => {
  await openNeeds({ items: 2, roots: 2 });
  expect(await screen.findByText("Nothing needs you")).toBeTruthy();
  expect(screen.getByRole("link", { name: "Needs you" })).toBeTruthy();
});

test("what could not be looked at says so, with its hint", async () => {
  await openNeeds({ items: 2, roots: 2, fail: { downloads_list: { code: "database", message: "The library is locked", hint: "Close the other program", retryable: false } } });
  const alert = await screen.findByRole("alert");
  expect(alert.textContent).toMatch(/The library is locked.*Close the other program/);
  expect(screen.queryByText("Nothing needs you")).toBeNull();
});
