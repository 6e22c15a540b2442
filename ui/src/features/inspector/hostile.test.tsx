/** What Civitai's authors, other tools and file names may bring along: it is shown, and does nothing. */
import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";

import type { LibraryItem } from "../../bindings/LibraryItem";
import type { ItemDetail } from "../../bindings/ItemDetail";
import { openApp } from "../../test/render";

const script = '<img src=x onerror="window.acted = 1"><script>window.acted = 1</script>';

/** A library of one model that is not what it seems. */
async function open(item: Partial<LibraryItem>, detail: Partial<ItemDetail> = {}) {
  const { platform, user } = openApp({ items: 1 });
  Object.assign(platform.items[0] ?? {}, item);
  const call = platform.call.bind(platform);
  platform.call = async (name, request) => {
    const answer = await call(name, request);
    return name === "library_item" ? Object.assign(answer, detail) : answer;
  };
  await user.click(await screen.findByRole("option"));
  const details = await screen.findByRole("complementary", { name: "Details" });
  await within(details).findByText("BLAKE3");
  return { platform, user, details };
}

// What the sanitiser lets through is looked at in a browser (scripts/look.mjs): this document cannot run it.
const undescribed = { model_description: null, version_description: null };

function acted(): boolean {
  return "acted" in window || document.querySelector("#main :is(script, iframe, object, embed), aside :is(script, iframe, object, embed), [onerror], [onload], [onclick]") !== null;
}

test("markup in names, words and tags is text", async () => {
  const { details } = await open(
    { model_name: script, version_name: script, creator: script, base_model: script, file_name: `${script}.safetensors`, trained_words: [script], tags: [script], air: script },
    { ...undescribed, tags: [script], answers: [{ first_at: 1, last_at: 2, name: script, files: 1, previews: 0 }] },
  );
  expect(within(details).getByRole("heading", { level: 2 }).textContent).toBe(script);
  expect(details.querySelector("img[src=x]")).toBeNull();
  expect(acted()).toBe(false);
});

test("a description of a megabyte is shown in part, in time", async () => {
  const start = performance.now();
  const { details, user } = await open({}, { model_description: `<p>${"Much to say. ".repeat(90_000)}</p>`, version_description: null });
  const more = await within(details).findByRole("button", { name: "Show all" });
  await user.click(more);
  expect(within(details).getByText(/too long to show here/)).toBeTruthy();
  expect(details.querySelector(".prose")?.textContent.length).toBeLessThan(200_000);
  expect(performance.now() - start).toBeLessThan(30_000);
});

test("a name cannot turn its order round or hide letters", async () => {
  const name = "ink\u202Esrosnetefas\u200B.ckpt";
  const { details, user, platform } = await open({ model_name: null, file_name: name, path: `/models/${name}`, also_at: [`/links/${name}`] });
  expect(within(details).getByRole("heading", { level: 2 }).textContent).toBe("ink[U+202E]srosnetefas[U+200B]");
  expect(details.textContent).not.toMatch(/[\u202E\u200B]/);
  expect(screen.getByRole("option").textContent).not.toMatch(/[\u202E\u200B]/);
  expect(within(details).getByText("/links/ink[U+202E]srosnetefas[U+200B].ckpt").closest("bdi")).not.toBeNull();
  // What is copied is the name itself.
  await user.click(within(details).getByRole("button", { name: "Copy Name" }));
  expect(platform.copied).toEqual([name]);
});

test("names in any script keep to themselves", async () => {
  const { details } = await open({ model_name: "حبر وماء", file_name: "حبر.safetensors" });
  const heading = within(details).getByRole("heading", { level: 2 });
  expect(heading.textContent).toBe("حبر وماء");
  expect(heading.querySelector("bdi")).not.toBeNull();
});

test("a picture of 20,000 pixels never decides the page's size, and is decoded aside", async () => {
  const { details } = await open({ has_local_preview: true });
  const image = details.querySelector("img");
  Object.defineProperty(image, "naturalWidth", { value: 20_000 });
  if (image) fireEvent.load(image);
  expect(image?.className).toMatch(/absolute inset-0 size-full/);
  expect(image).toMatchObject({ decoding: "async", loading: "lazy" });
});

test("broken pictures and videos leave a quiet cover", async () => {
  const { details } = await open({ preview_is_video: true }, { ...undescribed, previews: [{ index: 0, video: true, width: 1e9, height: -5, nsfw_level: -7, prompt: script }] });
  const video = details.querySelector("video");
  if (video) fireEvent.error(video);
  const still = await waitFor(() => {
    const found = details.querySelector("img");
    if (found === null) throw new Error("not tried as a picture");
    return found;
  });
  fireEvent.error(still);
  expect(details.querySelector('[data-cover="tonal"]')).not.toBeNull();
  expect(acted()).toBe(false);
});

test("thousands of trigger words and header entries are shown some at a time", async () => {
  const { details, user } = await open(
    { trained_words: Array.from({ length: 3000 }, (_, index) => `word ${index} ${"x".repeat(500)}`) },
    { header: { tensors: 1, expected_size: null, metadata: Array.from({ length: 5000 }, (_, index): [string, string] => [`key ${index}`, `{"a": ${"[".repeat(900)}${"]".repeat(900)}}`]) } },
  );
  expect(within(details).getAllByRole("button", { name: /^Copy “word/ })).toHaveLength(40);
  await user.click(within(details).getByText("Metadata in the file"));
  expect(await within(details).findByText(/4,800 others/)).toBeTruthy();
  await user.click(within(details).getByRole("button", { name: "Unfold key 0" }));
  expect(within(details).getByRole("button", { name: /^a/ })).toBeTruthy();
});
