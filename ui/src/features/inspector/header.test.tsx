import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";

import { ApiProvider } from "../../api/client";
import { FakePlatform } from "../../platform/fake";
import { Header } from "./header";

const tags = { "10_ink": Object.fromEntries(Array.from({ length: 250 }, (_, index) => [`tag ${index}`, index])), other: { lake: 1 } };

async function open(metadata: [string, string][]) {
  const platform = new FakePlatform();
  const user = userEvent.setup();
  render(
    <ApiProvider platform={platform}>
      <Header header={{ tensors: 12, expected_size: null, metadata }} />
    </ApiProvider>,
  );
  await user.click(screen.getByText("Metadata in the file"));
  return { platform, user };
}

const many: [string, string][] = [
  ...Array.from({ length: 8 }, (_, index): [string, string] => [`ss_key_${index}`, `value ${index}`]),
  ["ss_tag_frequency", JSON.stringify(tags)],
];

test("JSON opens branch by branch, the most frequent tags first, some at a time", async () => {
  const { user } = await open(many);
  expect(screen.queryByText("tag 249")).toBeNull();
  await user.click(screen.getByRole("button", { name: "Unfold ss_tag_frequency" }));
  await user.click(screen.getByRole("button", { name: /^10_ink/ }));
  const shown = screen.getAllByText(/^tag \d+$/);
  expect(shown).toHaveLength(100);
  expect(shown[0]?.textContent).toBe("tag 249");
  await user.click(screen.getByRole("button", { name: "Show 100 more of 250" }));
  expect(screen.getAllByText(/^tag \d+$/)).toHaveLength(200);
});

test("a search finds what is inside, and opens the way to it", async () => {
  const { user } = await open(many);
  await user.type(screen.getByRole("textbox", { name: "Search the metadata" }), "LAKE");
  expect(await screen.findByText("1 entry found")).toBeTruthy();
  expect(screen.getByText("lake")).toBeTruthy();
  expect(screen.queryByText("ss_key_1")).toBeNull();
  expect(screen.queryByText("tag 1")).toBeNull();
});

test("a long value is cut, shown whole if asked for, and copied whole", async () => {
  const long = "word ".repeat(2000);
  const { user, platform } = await open([["ss_comment", long]]);
  expect(screen.getByText(/^word/).textContent.length).toBeLessThan(400);
  await user.click(screen.getByRole("button", { name: "Show all (9.77 KiB)" }));
  expect(screen.getByText(/^word/).textContent).toBe(long);
  await user.click(screen.getByRole("button", { name: "Copy ss_comment" }));
  expect(platform.copied).toEqual([long]);
});

test("what only looks like JSON is text", async () => {
  const { user } = await open([["ss_bucket_info", '{"buckets": {"0": {"resol']]);
  await user.click(screen.getByRole("button", { name: "Unfold ss_bucket_info" }));
  const entry = within(screen.getByRole("listitem"));
  expect(entry.getByText('{"buckets": {"0": {"resol')).toBeTruthy();
  expect(entry.queryByRole("button", { name: /fold/ })).toBeNull();
});
