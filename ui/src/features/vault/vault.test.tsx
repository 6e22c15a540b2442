import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";

import { signedIn } from "../../platform/fake";
import type { FakeOptions } from "../../platform/fake";
import { openApp } from "../../test/render";

async function openVault(options: FakeOptions = {}) {
  location.hash = "#/vault";
  const app = openApp({ vault: "full", account: signedIn, ...options });
  await screen.findByRole("heading", { level: 1, name: "Vault" });
  return app;
}

test("the vault says how full it is, how old, and what is missing", async () => {
  const { user } = await openVault();
  expect((await screen.findByRole("meter", { name: "Storage" })).getAttribute("aria-valuetext")).toMatch(/GiB of 100 GiB used$/);
  expect(screen.getByText("read 12 min ago")).toBeTruthy();
  // Only the rows on screen are drawn.
  await user.click(screen.getByRole("radio", { name: "Missing 12" }));
  expect(screen.getByText("Civitai is still copying it")).toBeTruthy();
  expect(screen.getByText(/could not copy it: The author deleted/)).toBeTruthy();
});

test("everything missing is downloaded by name, and what is refused is told", async () => {
  const { user, called } = await openVault();
  const button = await screen.findByRole("button", { name: /^Download all missing \(12, .* GiB\)$/ });
  await user.click(button);
  expect(await screen.findByText("1 model could not be put into the queue")).toBeTruthy();
  expect((called("vault_download")[0]?.request as { items: number[] }).items).toHaveLength(12);
  await user.click(screen.getByRole("radio", { name: "Missing 12" }));
  // What is on its way is not offered again.
  await screen.findByRole("button", { name: /^Download all missing \(1, / });
  expect(screen.getAllByText("On its way")).toHaveLength(11);
});

test("some are searched for, selected and downloaded", async () => {
  const { user, called } = await openVault();
  await user.type(await screen.findByRole("searchbox", { name: "Search the vault" }), "salt");
  await user.click(screen.getByRole("checkbox", { name: /^Select Salt Flats/ }));
  await user.click(screen.getByRole("button", { name: "Download selected" }));
  await waitFor(() => expect(called("vault_download").map((call) => call.request)).toEqual([{ items: [605], parts: [] }]));
});

test("taking out says that nothing on disk is touched, and asks first", async () => {
  const { user, called } = await openVault();
  await user.click(await screen.findByRole("button", { name: /^Take Salt Flats .* out of the vault$/ }));
  const dialog = screen.getByRole("dialog");
  expect(dialog.textContent).toContain("Nothing on disk is touched");
  expect(called("vault_change")).toHaveLength(0);
  await user.click(within(dialog).getByRole("button", { name: "Take out of the vault" }));
  await waitFor(() => expect(called("vault_change").map((call) => call.request)).toEqual([{ versions: [2_600_005], files: [], to: "out" }]));
  await waitFor(() => expect(screen.queryByText("Salt Flats")).toBeNull());
});

test("keeping in sync is a setting", async () => {
  const { user, platform } = await openVault();
  await user.click(await screen.findByRole("switch", { name: "Keep in sync" }));
  await waitFor(() => expect(platform.settings.vault_in_sync).toBe(true));
});

test("without a key the vault asks for one, and shows itself afterwards", async () => {
  const { user, page } = await openVault({ vault: {}, account: {} });
  const field = await screen.findByLabelText("API key");
  await user.type(field, "wrong{Enter}");
  expect((await screen.findByRole("alert")).textContent).toContain("Civitai does not accept this key");
  expect(field).toHaveProperty("value", "");
  await user.type(field, "a-good-key{Enter}");
  expect(await screen.findByRole("meter", { name: "Storage" })).toBeTruthy();
  expect(page.container.innerHTML).not.toContain("a-good-key");
});

test("a vault above its limit says what to do", async () => {
  await openVault({ vault: { state: "over_quota", advice: "Remove something", synced_at: 1, info: { owner: null, used: 9, storage: 5, updated_at: null } } });
  expect(await screen.findByText("Remove something")).toBeTruthy();
  expect(screen.getByText("The vault is empty")).toBeTruthy();
});

test("a vault that was never read is read on demand", async () => {
  const { user, called } = await openVault({ vault: { state: null } });
  expect(await screen.findByText("The vault has not been read yet")).toBeTruthy();
  await user.click(screen.getByRole("button", { name: "Refresh" }));
  await waitFor(() => expect(called("vault_sync")).toHaveLength(1));
});

test("a matched file is put into the vault from its details", async () => {
  location.hash = "#/library/38";
  const { user, called, platform } = openApp({ vault: "full", account: signedIn });
  const details = within(await screen.findByRole("complementary", { name: "Details" }));
  await user.click(await details.findByRole("button", { name: "Put into vault" }));
  expect(await details.findByRole("link", { name: "In your vault" })).toBeTruthy();
  expect(called("vault_change").map((call) => call.request)).toEqual([{ versions: [], files: [38], to: "in" }]);
  expect(platform.vault.view.items[0]?.item.status).toBe("pending");
});

test("with no key and nothing ever asked the way in is shown, and signing in reads the vault", async () => {
  const { user, called } = await openVault({ account: { signed_in: false }, vault: { state: null, synced_at: null, items: [] } });
  expect(await screen.findByRole("heading", { name: "Sign in to see your vault" })).toBeTruthy();
  expect(screen.queryByRole("button", { name: "Refresh" })).toBeNull();
  await user.type(screen.getByLabelText("API key"), "a-key{Enter}");
  await waitFor(() => expect(called("vault_sync")).toHaveLength(1));
});
