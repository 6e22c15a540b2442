import { act, screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";

import { signedIn } from "../../platform/fake";
import { openApp } from "../../test/render";

async function openLarge() {
  location.hash = "#/vault";
  const app = openApp({ vault: "full", vaultMore: 1000, account: signedIn });
  const list = within(await screen.findByRole("region", { name: "In the vault" }));
  await waitFor(() => expect(list.getAllByRole("listitem").length).toBeGreaterThan(5));
  const rows = () => list.getAllByRole("listitem");
  const focusOn = (index: number) => {
    const row = rows()[index];
    if (!row) throw new Error(`no row ${index}`);
    act(() => within(row).getByRole("checkbox").focus());
  };
  const place = () => document.activeElement?.closest("li")?.getAttribute("aria-posinset");
  return { ...app, list, rows, focusOn, place };
}

test("of a thousand items a few are drawn, and each says where it stands", async () => {
  const { rows } = await openLarge();
  expect(rows().length).toBeLessThan(60);
  const size = Number(rows()[0]?.getAttribute("aria-setsize"));
  expect(size).toBeGreaterThan(1000);
  expect(rows().map((row) => row.getAttribute("aria-posinset")).slice(0, 3)).toEqual(["1", "2", "3"]);
});

test("arrows, Page and End go from row to row, on the same control", async () => {
  const { user, rows, focusOn, place } = await openLarge();
  const size = rows()[0]?.getAttribute("aria-setsize");
  focusOn(0);
  await user.keyboard("{ArrowDown}{ArrowDown}");
  await waitFor(() => expect(place()).toBe("3"));
  expect(document.activeElement?.tagName).toBe("INPUT");
  await user.keyboard("{End}");
  await waitFor(() => expect(place()).toBe(size));
  expect(document.activeElement?.getAttribute("aria-label")).toMatch(/No\. 1000/);
  await user.keyboard("{Home}");
  await waitFor(() => expect(place()).toBe("1"));
  await user.keyboard(" ");
  expect(document.activeElement).toHaveProperty("checked", true);
});

test("what has the focus stays when it is scrolled away, and so does where Tab goes next", async () => {
  const { user, rows, focusOn, place } = await openLarge();
  focusOn(2);
  const main = screen.getByRole("main");
  act(() => {
    main.scrollTop = 30_000;
    main.dispatchEvent(new Event("scroll"));
  });
  await waitFor(() => expect(rows().some((row) => Number(row.getAttribute("aria-posinset")) > 300)).toBe(true));
  expect(place()).toBe("3");
  expect(rows().map((row) => row.getAttribute("aria-posinset")).slice(0, 3)).toEqual(["2", "3", "4"]);
  for (let stop = 0; stop < 4; stop += 1) await user.tab();
  expect(place()).toBe("4");
});

test("what is selected far away counts, whether or not it is drawn", async () => {
  const { user, list } = await openLarge();
  await user.click(list.getByRole("checkbox", { name: "Select all shown" }));
  expect(list.getByText(/^1,0\d\d models selected/)).toBeTruthy();
});

test("what hides or turns letters round in a name is shown", async () => {
  const { platform, list } = await openLarge();
  const entry = platform.vault.view.items[0];
  if (!entry) throw new Error("no entry");
  entry.item.model_name = "ink\u202Egpj\u200B";
  act(() => platform.emit({ event: "vault_changed" }));
  const name = await list.findByText("ink[U+202E]gpj[U+200B]");
  expect(name.tagName).toBe("BDI");
  expect(list.getByRole("checkbox", { name: /ink\[U\+202E\]gpj/ })).toBeTruthy();
});
