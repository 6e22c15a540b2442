import { act, screen, waitFor, within } from "@testing-library/react";
import { expect, test, vi } from "vitest";

import { askOf, everySite, sitesOf } from "../../platform/fake-link";
import { openApp } from "../../test/render";

const links = () => everySite(Date.now());

test("the rail says how the link stands, counts what is asked, and leads to its settings", async () => {
  const { user, platform } = openApp({ link: { sites: sitesOf({ com: links().connected }) } });
  const pill = await screen.findByRole("link", { name: "Link: connected" });
  expect(pill.getAttribute("title")).toBe("civitai.com: Connected");
  act(() => void platform.remote.stand("com", links().offline));
  expect(await screen.findByRole("link", { name: "Link: offline" })).toBeTruthy();
  await user.click(screen.getByRole("link", { name: "Link: offline" }));
  expect(await screen.findByRole("region", { name: "Civitai Link" })).toBeTruthy();
  act(() => platform.remote.ask(askOf("1")));
  await screen.findByRole("dialog");
  expect(screen.getByText("Link: offline").closest("a")?.textContent).toBe("Link: offline1 1 to decide");
});

test("who is not paired is not told so at every place", async () => {
  const { called } = openApp();
  await waitFor(() => expect(called("link_show").length).toBeGreaterThan(0));
  await screen.findAllByRole("option");
  expect(screen.queryByText(/^Link:/)).toBeNull();
});

test("on a phone it is behind More", async () => {
  vi.spyOn(window, "matchMedia").mockImplementation((query) => ({ matches: query.includes("44rem"), media: query, addEventListener: () => undefined, removeEventListener: () => undefined }) as unknown as MediaQueryList);
  const { user } = openApp({ link: { sites: sitesOf({ com: links().waiting }) } });
  await user.click(within(await screen.findByRole("navigation", { name: "Places" })).getByRole("button", { name: /^More/ }));
  await user.click(await screen.findByRole("menuitem", { name: "Link: waiting" }));
  expect(location.hash).toBe("#/settings/link");
});
