import { act, screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";

import type { FakeOptions } from "../../platform/fake";
import { askOf, everySite, goodCode, sitesOf } from "../../platform/fake-link";
import { openApp } from "../../test/render";

const links = () => everySite(Date.now());

async function openLink(options: FakeOptions = {}) {
  location.hash = "#/settings/link";
  const app = openApp(options);
  const panel = within(await screen.findByRole("region", { name: "Civitai Link" }));
  await panel.findByRole("heading", { level: 3, name: /^civitai\.com/ });
  return { ...app, panel };
}
type Found = Awaited<ReturnType<typeof openLink>>["panel"];
const head = (panel: Found, site: RegExp) => panel.getByRole("heading", { level: 3, name: site }).textContent;
async function type(app: Awaited<ReturnType<typeof openLink>>, code: string) {
  await app.user.click(app.panel.getByRole("button", { name: "Pair with civitai.com" }));
  const field = app.panel.getByRole("textbox", { name: "Code from civitai.com" });
  expect(document.activeElement).toBe(field);
  await app.user.type(field, `${code}{Enter}`);
  return field;
}

test("a code is taken however it is spaced and cased, and the row says that nobody has the site open", async () => {
  const app = await openLink();
  expect(head(app.panel, /civitai/)).toBe("civitai.comNot paired");
  await type(app, " 4F 09 aC ");
  await waitFor(() => expect(head(app.panel, /civitai/)).toBe("civitai.comWaiting for the site"));
  expect(app.called("link_pair").map((call) => call.request)).toEqual([{ site: "com", code: goodCode }]);
  expect(app.panel.getByText(/^Nobody has the site open, and that is fine/)).toBeTruthy();
  expect(app.panel.queryByRole("textbox")).toBeNull();
  // The form had the focus and is gone.
  expect(document.activeElement).toBe(app.panel.getByRole("heading", { level: 3 }));
  act(() => void app.platform.remote.stand("com", { state: "connected" }));
  await waitFor(() => expect(head(app.panel, /civitai/)).toBe("civitai.comConnected"));
});

test("a wrong code is told at its field, in the engine's words, and can be typed again", async () => {
  const app = await openLink();
  const field = await type(app, "123456");
  const said = await app.panel.findByRole("alert");
  expect(said.textContent).toBe("civitai.com does not know this codeLook at it again, or have the site show a new one");
  expect(field.getAttribute("aria-invalid")).toBe("true");
  expect(field.getAttribute("aria-describedby")).toContain(said.id);
  expect(document.activeElement).toBe(field);
  await app.user.type(field, "x");
  expect(app.panel.queryByRole("alert")).toBeNull();
  await app.user.clear(field);
  await app.user.type(field, "4f 09{Enter}");
  expect((await app.panel.findByRole("alert")).textContent).toMatch(/six characters from 0 to 9/);
  await app.user.clear(field);
  await app.user.type(field, `${goodCode}{Enter}`);
  await waitFor(() => expect(head(app.panel, /civitai/)).toMatch(/Waiting/));
});

test("what is not the code's fault is not told as if it were", async () => {
  const app = await openLink({ fail: { link_pair: { code: "offline", message: "The relay cannot be reached", hint: "Check the network", retryable: true } } });
  const field = await type(app, goodCode);
  expect((await app.panel.findByRole("alert")).textContent).toBe("The relay cannot be reachedCheck the network");
  expect(field.getAttribute("aria-invalid")).toBe("false");
  expect(field).toHaveProperty("value", goodCode);
  app.platform.fail = {};
  await app.user.click(app.panel.getByRole("button", { name: "Pair" }));
  await waitFor(() => expect(head(app.panel, /civitai/)).toMatch(/Waiting/));
});

test("where the site shows the code is told in numbered words, each with a picture that has words of its own", async () => {
  const { user, panel, platform } = await openLink();
  await user.click(panel.getByRole("button", { name: "Pair with civitai.com" }));
  const where = within(panel.getByRole("group", { name: "Where the site shows the code" }));
  const steps = where.getAllByRole("listitem");
  expect(steps.map((step) => step.textContent.includes("ComfyUI on another machine"))).toEqual([false, true, false]);
  expect(where.getAllByRole("img").map((each) => (each.getAttribute("aria-label") ?? "").length > 40)).toEqual([true, true, true]);
  expect(where.getByText(/“Reconnect”/)).toBeTruthy();
  await user.click(panel.getByRole("button", { name: "Open civitai.com" }));
  expect(platform.opened).toEqual(["https://civitai.com"]);
});

test("each state is told by its word, and off line says since when, why, and when it is tried again", async () => {
  const { panel, platform } = await openLink({ link: { sites: sitesOf({ com: links().connecting }) } });
  expect(head(panel, /civitai/)).toBe("civitai.comConnecting");
  act(() => void platform.remote.stand("com", links().offline));
  await waitFor(() => expect(head(panel, /civitai/)).toBe("civitai.comOffline"));
  expect(panel.getByText(/^Out of reach for 7 min\. Tried again by itself in 4 min\. Paired on /)).toBeTruthy();
  expect(panel.getByRole("status").textContent).toMatch(/^The relay at .* cannot be reachedCheck the network/);
  act(() => void platform.remote.stand("com", { ...links().connected, problem: null }));
  await waitFor(() => expect(head(panel, /civitai/)).toBe("civitai.comConnected"));
  expect(panel.getByText(/^The site is open in a browser/)).toBeTruthy();
  act(() => void platform.remote.stand("com", { state: "not_paired", paired_at: null, ...links().removed }));
  await waitFor(() => expect(head(panel, /civitai/)).toBe("civitai.comNot paired"));
  expect(panel.getByText("civitai.com has removed this computer")).toBeTruthy();
  expect(panel.getByRole("button", { name: "Pair with civitai.com" })).toBeTruthy();
});

test("leaving asks first, and says what stays", async () => {
  const { user, panel, called } = await openLink({ link: { sites: sitesOf({ com: links().waiting }) } });
  await user.click(panel.getByRole("button", { name: "Leave civitai.com" }));
  const question = within(screen.getByRole("dialog", { name: "Leave civitai.com?" }));
  await user.click(question.getByRole("button", { name: "Stay paired" }));
  expect(called("link_leave")).toHaveLength(0);
  await user.click(panel.getByRole("button", { name: "Leave civitai.com" }));
  await user.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Leave" }));
  await waitFor(() => expect(head(panel, /civitai/)).toBe("civitai.comNot paired"));
  expect(called("link_leave").map((call) => call.request)).toEqual([{ site: "com" }]);
});

test("a link that cannot be left says why", async () => {
  const { user, panel } = await openLink({ link: { sites: sitesOf({ com: links().waiting }) }, fail: { link_leave: { code: "io", message: "Could not forget the key", hint: null, retryable: false } } });
  await user.click(panel.getByRole("button", { name: "Leave civitai.com" }));
  await user.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Leave" }));
  expect((await panel.findByRole("alert")).textContent).toBe("Could not forget the key");
  expect(head(panel, /civitai/)).toMatch(/Waiting/);
});

test("the other site is there for who asks for it, beside the first", async () => {
  const app = await openLink({ link: { sites: sitesOf({ com: links().connected }) } });
  expect(app.panel.getAllByRole("heading", { level: 3 })).toHaveLength(1);
  await app.user.click(app.panel.getByRole("button", { name: "Use civitai.red too" }));
  const field = app.panel.getByRole("textbox", { name: "Code from civitai.red" });
  expect(document.activeElement).toBe(field);
  expect(app.panel.queryByRole("button", { name: "Use civitai.red too" })).toBeNull();
  await app.user.type(field, `${goodCode}{Enter}`);
  await waitFor(() => expect(head(app.panel, /red/)).toBe("civitai.redWaiting for the site"));
  expect(head(app.panel, /com/)).toBe("civitai.comConnected");
});

test("what the site may do with removals is a setting", async () => {
  const { user, panel, platform } = await openLink();
  const group = within(panel.getByRole("radiogroup", { name: "When the site asks to remove a model" }));
  expect(group.getByRole("radio", { name: "Ask each time" })).toHaveProperty("checked", true);
  await user.click(group.getByRole("radio", { name: "Never" }));
  await waitFor(() => expect(platform.settings.link_remove).toBe("never"));
  expect(panel.getByText(/you can also allow it for this session/)).toBeTruthy();
});

test("a link that cannot be read says why and can be read again", async () => {
  location.hash = "#/settings/link";
  const { user, platform } = openApp({ fail: { link_show: { code: "database", message: "Could not read the library", hint: null, retryable: false } } });
  const panel = within(await screen.findByRole("region", { name: "Civitai Link" }));
  expect((await panel.findByRole("alert")).textContent).toContain("Could not read the library");
  platform.fail = {};
  await user.click(panel.getByRole("button", { name: "Try again" }));
  expect(await panel.findByRole("heading", { level: 3 })).toBeTruthy();
});

test("who may only look sees how it stands and can change nothing", async () => {
  const { panel } = await openLink({ readOnly: true, link: { sites: sitesOf({ com: links().connected }), requests: [askOf("1")] } });
  expect(head(panel, /civitai/)).toBe("civitai.comConnected");
  await waitFor(() => expect(panel.queryAllByRole("button")).toEqual([]));
  expect(panel.getByRole("radio", { name: "Never" }).closest("fieldset[disabled]")).not.toBeNull();
});
