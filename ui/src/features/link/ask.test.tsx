import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";

import type { FakeOptions } from "../../platform/fake";
import { askOf, everySite, sitesOf } from "../../platform/fake-link";
import { openApp } from "../../test/render";

const paired = () => sitesOf({ com: everySite(Date.now()).connected });
const asking = (...requests: ReturnType<typeof askOf>[]): FakeOptions => ({ link: { sites: paired(), requests } });
const sheet = () => screen.findByRole("dialog", { name: /asks to remove/ });
const answers = (app: ReturnType<typeof openApp>) => app.called("link_answer").map((call) => call.request);
/** The browser says this for Esc. */
const escape = (dialog: HTMLElement) => act(() => void dialog.dispatchEvent(new Event("cancel", { cancelable: true })));

test("the sheet says who asks, for what, how much of it, and that there is a way back", async () => {
  openApp(asking(askOf("1"), askOf("2")));
  const dialog = await sheet();
  expect(within(dialog).getByRole("heading").textContent).toBe("civitai.com asks to remove “Ink and Wash Landscapes”");
  expect(dialog.textContent).toMatch(/2 files, 436 MiB, would go into the trash.*Activity can bring them back/);
  expect(dialog.textContent).toMatch(/Asked 2 min ago\. 1 more waits\./);
  expect(screen.getAllByRole("dialog")).toHaveLength(1);
});

for (const [button, word, gone] of [["Move to trash", "once", true], ["Allow for this session", "session", true], ["Don’t allow", "deny", false]] as const) {
  test(`“${button}” is answered with that, and Activity knows who asked`, async () => {
    const app = openApp(asking(askOf("1")));
    app.platform.remote.about.set("1", [1]);
    await app.user.click(within(await sheet()).getByRole("button", { name: button }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(answers(app)).toEqual([{ site: "com", id: "1", allow: word }]);
    expect(app.platform.items.some((item) => item.id === 1)).toBe(!gone);
    act(() => void (location.hash = "#/activity"));
    if (gone) expect(await screen.findByText(/by Civitai’s site/)).toBeTruthy();
    else expect(await screen.findByText("Nothing was done to files yet")).toBeTruthy();
  });
}

test("the next one comes when the first is answered, the oldest first", async () => {
  const app = openApp(asking(askOf("1", { title: "First" }), askOf("2", { title: "Second" })));
  expect((await sheet()).textContent).toContain("First");
  await app.user.click(screen.getByRole("button", { name: "Don’t allow" }));
  await waitFor(() => expect(screen.getByRole("dialog").textContent).toContain("Second"));
  await app.user.click(screen.getByRole("button", { name: "Move to trash" }));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(answers(app)).toEqual([{ site: "com", id: "1", allow: "deny" }, { site: "com", id: "2", allow: "once" }]);
});

test("with the keyboard alone: nothing has the focus that a stray key would press", async () => {
  const app = openApp();
  await screen.findAllByRole("option");
  const list = screen.getByRole("listbox");
  list.focus();
  act(() => app.platform.remote.ask(askOf("1")));
  const dialog = await sheet();
  await waitFor(() => expect(document.activeElement).toBe(dialog));
  await app.user.keyboard("{Enter} ");
  expect(answers(app)).toEqual([]);
  await app.user.tab();
  expect(document.activeElement).toBe(within(dialog).getByRole("button", { name: "Decide later" }));
  await app.user.tab();
  expect(document.activeElement).toBe(within(dialog).getByRole("button", { name: "Don’t allow" }));
  await app.user.tab();
  await app.user.tab();
  await app.user.keyboard("{Enter}");
  await waitFor(() => expect(answers(app)).toEqual([{ site: "com", id: "1", allow: "once" }]));
  await waitFor(() => expect(document.activeElement).toBe(list));
});

test("Esc decides nothing: all that wait stay under Needs you, and come from there", async () => {
  const app = openApp(asking(askOf("1"), askOf("2", { title: "Neon Alley Rain", copies: 1 })));
  escape(await sheet());
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(answers(app)).toEqual([]);
  await app.user.click(screen.getByRole("link", { name: /^Needs you/ }));
  const entry = await screen.findByRole("button", { name: "Decide…: civitai.com asks to remove 2 models" });
  expect(screen.getByText("3 files, 872 MiB. Nothing is removed before you say so.")).toBeTruthy();
  await app.user.click(entry);
  expect((await sheet()).textContent).toContain("Ink and Wash");
});

test("what comes after something was put off is shown, and what was put off is not", async () => {
  const app = openApp(asking(askOf("1")));
  escape(await sheet());
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  act(() => app.platform.remote.ask(askOf("2", { title: "A new one" })));
  expect((await sheet()).textContent).toContain("A new one");
});

test("another dialog is not disturbed; the question comes when it is closed", async () => {
  const app = openApp(asking());
  await screen.findByText("Link: connected");
  await app.user.keyboard("{Control>}k{/Control}");
  const palette = await screen.findByRole("dialog", { name: "Commands" });
  const field = within(palette).getByRole("combobox");
  act(() => app.platform.remote.ask(askOf("1")));
  await screen.findByText("1 to decide");
  expect(screen.getAllByRole("dialog")).toEqual([palette]);
  expect(document.activeElement).toBe(field);
  escape(palette);
  expect((await sheet()).textContent).toContain("Ink and Wash");
});

test("one that was answered elsewhere goes by itself", async () => {
  const app = openApp(asking(askOf("1")));
  await sheet();
  act(() => {
    app.platform.remote.requests = [];
    app.platform.emit({ event: "link_changed" });
  });
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(answers(app)).toEqual([]);
});

test("an answer that fails says why, and can be given again", async () => {
  const app = openApp({ ...asking(askOf("1")), fail: { link_answer: { code: "io", message: "Could not move `x` into the trash", hint: "Check who may write there", retryable: false } } });
  const dialog = within(await sheet());
  await app.user.click(dialog.getByRole("button", { name: "Move to trash" }));
  expect((await dialog.findByRole("alert")).textContent).toContain("Check who may write there");
  app.platform.fail = {};
  await app.user.click(dialog.getByRole("button", { name: "Move to trash" }));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
});

test("a name that would mislead is shown as it is", async () => {
  openApp(asking(askOf("1", { title: "ink\u202Esrosnetefas" })));
  expect((await sheet()).textContent).toContain("“ink[U+202E]srosnetefas”");
});

test("who may only look is not interrupted, sees what is asked, and cannot answer", async () => {
  const app = openApp({ ...asking(askOf("1")), readOnly: true });
  await screen.findByText("Read only");
  await app.user.click(await screen.findByRole("link", { name: /^Needs you/ }));
  expect(screen.queryByRole("dialog")).toBeNull();
  await app.user.click(await screen.findByRole("button", { name: /^Decide…/ }));
  const dialog = within(await sheet());
  expect(dialog.getByText(/It is answered where Modeldock runs/)).toBeTruthy();
  expect(dialog.getAllByRole("button").map((each) => each.getAttribute("aria-label"))).toEqual(["Close"]);
  fireEvent.click(dialog.getByRole("button", { name: "Close" }));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(answers(app)).toEqual([]);
});
