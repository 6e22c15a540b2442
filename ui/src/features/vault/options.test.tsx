import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";

import { signedIn } from "../../platform/fake";
import { openApp } from "../../test/render";

async function openVault() {
  location.hash = "#/vault";
  const app = openApp({ vault: "full", account: signedIn, roots: 4 });
  await screen.findByRole("searchbox", { name: "Search the vault" });
  const dialog = () => within(screen.getByRole("dialog"));
  const asked = () => app.called("vault_download").map((call) => call.request);
  return { ...app, dialog, asked };
}

test("one item comes with its details and images, in the file and folder that were chosen", async () => {
  const { user, dialog, asked } = await openVault();
  await user.click(await screen.findByRole("button", { name: /^Choose what to download of Harbour Light XL/ }));
  expect(dialog().getByRole("checkbox", { name: /^Model/ })).toHaveProperty("checked", true);
  await user.click(dialog().getByRole("checkbox", { name: /^Details \(PDF\)/ }));
  await user.click(dialog().getByRole("checkbox", { name: /^Images \(ZIP\)/ }));
  await user.click(dialog().getByRole("radio", { name: /_fp8/ }));
  expect(dialog().getByText(/^About 3\.31 GiB/)).toBeTruthy();
  const folder = dialog().getByRole("combobox", { name: "Folder" });
  expect(folder).toHaveProperty("value", "");
  expect(within(folder).getByRole("option", { name: "NAS archive, away" })).toHaveProperty("disabled", true);
  expect(within(folder).getByRole("option", { name: "invokeai, takes no downloads" })).toHaveProperty("disabled", true);
  await user.selectOptions(folder, "stable-diffusion-webui");
  await user.click(dialog().getByRole("button", { name: "Download" }));
  expect(screen.queryByRole("dialog")).toBeNull();
  await waitFor(() => expect(asked()).toEqual([{ items: [601], parts: ["model", "details", "images"], file: 7602, root: 2 }]));
  expect(await screen.findByText("3 downloads put into the queue")).toBeTruthy();
});

test("of what is here, the details alone can come; without a part there is nothing to download", async () => {
  const { user, dialog, asked } = await openVault();
  await user.click(await screen.findByRole("radio", { name: /^Here/ }));
  const [first] = await screen.findAllByRole("button", { name: /^Choose what to download of/ });
  if (!first) throw new Error("nothing is here");
  await user.click(first);
  expect(dialog().getByText("It is on this computer already.")).toBeTruthy();
  expect(dialog().getByRole("button", { name: "Download" })).toHaveProperty("disabled", true);
  await user.click(dialog().getByRole("checkbox", { name: /^Details/ }));
  await user.click(dialog().getByRole("button", { name: "Download" }));
  await waitFor(() => expect(asked()).toEqual([{ items: [500], parts: ["details"] }]));
  // Details on their way do not make a model look as if it were.
  await screen.findByText("1 download put into the queue");
  expect(screen.queryByText("On its way")).toBeNull();
});

test("of a selection, the missing models and everybody's images", async () => {
  const { user, dialog, asked } = await openVault();
  await user.click(await screen.findByRole("checkbox", { name: "Select all shown" }));
  await user.click(screen.getByRole("button", { name: "Choose…" }));
  expect(dialog().getByText("Of the 12 that are missing.")).toBeTruthy();
  expect(dialog().queryByRole("radio")).toBeNull();
  await user.click(dialog().getByRole("checkbox", { name: /^Images/ }));
  await user.click(dialog().getByRole("button", { name: "Download" }));
  await waitFor(() => expect(asked()).toHaveLength(2));
  const [models, images] = asked() as { items: number[]; parts: string[] }[];
  expect(models?.items).toHaveLength(12);
  expect(models?.parts).toEqual(["model"]);
  expect(images?.items.length).toBeGreaterThan(12);
  expect(images?.parts).toEqual(["images"]);
  // What Civitai has no copy of stays selected.
  expect(await screen.findByText("1 model could not be put into the queue")).toBeTruthy();
  expect(await screen.findByText(/^1 model selected/)).toBeTruthy();
});

test("away from the network it says what was not even asked for", async () => {
  const { user, platform } = await openVault();
  platform.vault.unreachable = true;
  await user.click(await screen.findByRole("button", { name: /^Download all missing/ }));
  expect(await screen.findByText("Civitai cannot be reached")).toBeTruthy();
  expect(screen.getByText("11 more were not asked for. Try again once this is over.")).toBeTruthy();
});
