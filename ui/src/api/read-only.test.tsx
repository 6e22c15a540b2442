import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";

import { goTo as goToPlace } from "../components/use-place";
import { signedIn } from "../platform/fake";
import { openApp } from "../test/render";

const places = ["Vault", "Downloads", "Discover", "Care", "Activity", "Settings", "Library"];
const changing = /_put$|_remove$|_add$|_set$|_write$|_mark$|_link$|_unlink$|_rename$|_move$|_trash$|_undo$|_start$|^identify$|^job_|^downloads_(?!list)|^download_(order|limit|add)$|^vault_(?!show)|^account_sign|^link_(?!show)|^care_(trash|check)/;

async function open(options: Parameters<typeof openApp>[0] = {}) {
  const app = openApp({ readOnly: true, account: signedIn, vault: "full", job: null, ...options });
  await screen.findByText("Read only");
  return { ...app, changed: () => app.platform.calls.filter((call) => changing.test(call.name)).map((call) => call.name) };
}
// As a browser has it: a control of a disabled fieldset takes no click.
const isHeld = (control: HTMLElement) => control.closest("fieldset[disabled]") !== null;
const goTo = async (user: ReturnType<typeof openApp>["user"], place: string) => {
  await user.click(screen.getByRole("link", { name: new RegExp(`^${place}`) }));
  return screen.findByRole("main", { name: place });
};

test("where one may only look, nothing that can be pressed changes anything, at any place", async () => {
  const { user, changed } = await open();
  for (const place of places) {
    const main = await goTo(user, place);
    // As often as something new has come up by pressing.
    for (let round = 0; round < 2; round++) {
      for (const control of within(main).queryAllByRole("button").concat(within(main).queryAllByRole("switch"), within(main).queryAllByRole("radio"), within(main).queryAllByRole("checkbox"))) {
        if (!isHeld(control)) fireEvent.click(control);
      }
    }
    expect(screen.queryByRole("dialog")).toBeNull();
  }
  expect(changed()).toEqual([]);
});

test("Care tells what it finds, list by list, and offers nothing to do about it", async () => {
  const { changed } = await open({ care: "full" });
  for (const list of ["duplicates", "updates", "damaged", "misplaced", "unsafe", "orphans", "missing"]) {
    act(() => goToPlace(`care/${list}`));
    const main = within(await screen.findByRole("main", { name: "Care" }));
    await waitFor(() => expect(main.getByRole("link", { current: true }).getAttribute("href")).toBe(`#/care/${list}`));
    await waitFor(() => expect(main.queryByRole("status", { name: "Loading" })).toBeNull());
    expect(main.queryAllByRole("button").map((button) => button.textContent).filter((name) => /trash|move|download|check|safetensors/i.test(name))).toEqual([]);
  }
  expect(changed()).toEqual([]);
});

test("the selection is counted and can be taken away, and keys do nothing to it", async () => {
  const { user, changed } = await open();
  await screen.findAllByRole("option");
  screen.getByRole("listbox").focus();
  await user.keyboard("{Control>}a{/Control}");
  const bar = within(await screen.findByRole("region", { name: "Selected models" }));
  expect(bar.getAllByRole("button").map((button) => button.getAttribute("aria-label"))).toEqual(["Clear the selection"]);
  await user.keyboard("{Delete}4");
  expect(screen.queryByRole("dialog")).toBeNull();
  expect(changed()).toEqual([]);
});

test("the details show what was noted, and take nothing", async () => {
  const { user, changed, platform } = await open();
  const item = platform.items[0];
  if (item) Object.assign(item, { tags: ["keep"], favourite: true, rating: 3 });
  await user.click(await screen.findByRole("option", { name: /^Ink and Wash Landscapes ?,/ }));
  const details = within(await screen.findByRole("complementary", { name: "Details" }));
  expect(await details.findByText("keep")).toBeTruthy();
  expect(details.queryByRole("combobox")).toBeNull();
  expect(isHeld(details.getByRole("button", { name: "Favourite" }))).toBe(true);
  for (const name of [/^Ask/, /^Put into/, /^Remove tag/, /link/i]) expect(details.queryByRole("button", { name })).toBeNull();
  await user.click(details.getByRole("button", { name: /^Actions for/ }));
  expect(screen.getAllByRole("menuitem").map((each) => each.textContent)).not.toContain("Move to trash…");
  expect(changed()).toEqual([]);
});

test("the palette goes places and changes nothing", async () => {
  const { user } = await open();
  await user.keyboard("{Control>}k{/Control}");
  const rows = await screen.findAllByRole("option");
  const names = within(screen.getByRole("dialog")).getAllByRole("option").map((row) => row.textContent);
  expect(rows.length).toBeGreaterThan(0);
  expect(names.join("\n")).not.toMatch(/Scan now|theme|vault again/i);
});

test("the first run says where folders are added", async () => {
  openApp({ readOnly: true, roots: 0, items: 0 });
  expect(await screen.findByRole("heading", { name: "No folders yet" })).toBeTruthy();
  await waitFor(() => expect(screen.queryByRole("button", { name: "Start" })).toBeNull());
});
