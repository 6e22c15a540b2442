// What a hostile site, file or folder says of itself: script in names, a megabyte of description, turned and invisible
// letters, pictures that are programs or far too large, a video that is none. Shown, bounded, and never run.
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { deflateSync, crc32 } from "node:zlib";

import { between } from "../support/between.mjs";
import { clean, details, list, refusal, row, rows, search, until } from "../support/page.mjs";
import { picture, safetensors, Served } from "../support/served.mjs";

const script = `"><img src=x onerror="window.ran=1"><script>window.ran=1</script><svg onload="window.ran=1">`;
const turned = "harmless‮snerotefas.exe";
const hidden = "in​vi‍si⁠ble﻿";
const described = `<p>hello</p><script>window.ran=1</script><a href="javascript:window.ran=1">press me</a><img src="https://evil.example/x.png" onerror="window.ran=1"><iframe srcdoc="<script>parent.ran=1</script>"></iframe><form action="https://evil.example"><button>send</button></form><style>body{display:none}</style><p style="position:fixed;inset:0">over everything</p>`;
const long = `${described}<p>${"words and words ".repeat(64 * 1024)}</p>`;

/** Says the worst wherever an answer has a word to say. */
function worst(answer) {
  const walk = (value, key) => {
    if (Array.isArray(value)) return value.map((each) => walk(each, key));
    if (value !== null && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, walk(each, name)]));
    if (typeof value !== "string") return value;
    if (key === "description") return long;
    if (key === "name" && !/\.(safetensors|ckpt|pt|pth|gguf|yaml)$/.test(value)) return `${value} ${script} ${turned} ${hidden}`;
    if (key === "username" || key === "trainedWords" || key === "tags") return `${value} ${script}`;
    return value;
  };
  return walk(answer, "");
}

/** A picture of so many pixels each way, all of one colour: a few kilobytes that would fill gigabytes. */
function bomb(side) {
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const out = Buffer.alloc(12 + data.length);
    out.writeUInt32BE(data.length, 0);
    body.copy(out, 4);
    out.writeUInt32BE(crc32(body), 8 + data.length);
    return out;
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(side, 0);
  head.writeUInt32BE(side, 4);
  head.set([1, 0, 0, 0, 0], 8);
  const line = Math.ceil(side / 8) + 1;
  return Buffer.concat([Buffer.from("89504e470d0a1a0a", "hex"), chunk("IHDR", head), chunk("IDAT", deflateSync(Buffer.alloc(line * side))), chunk("IEND", Buffer.alloc(0))]);
}

let served;
let folder;
before(async () => {
  served = await Served.start({ through: between(worst) });
  const { path } = (await served.rpc("roots_detect")).find((root) => root.layout === "a1111");
  folder = `${path}/models/Lora`;
  const add = async (name, metadata, beside = {}) => {
    await writeFile(`${folder}/${name}.safetensors`, safetensors(metadata));
    for (const [ending, bytes] of Object.entries(beside)) await writeFile(`${folder}/${name}${ending}`, bytes);
  };
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9" onload="window.ran=1"><script>window.ran=1</script></svg>`;
  await add("hostile <b onmouseover=window.ran=1>name", { ss_output_name: script, ss_training_comment: script.repeat(2000), [script]: turned });
  await add(`hostile ${turned}`, { ss_output_name: turned });
  await add("hostile svg as png", {}, { ".preview.png": svg });
  await add("hostile svg", {}, { ".preview.svg": svg });
  await add("hostile page as png", {}, { ".png": `<html><script>window.ran=1</script>` });
  await add("hostile bomb", {}, { ".preview.png": bomb(20_000) });
  await add("hostile video", {}, { ".preview.mp4": Buffer.from("....ftypisom and then nothing of the kind") });
  await add("hostile sidecar", {}, { ".json": JSON.stringify({ description: long.slice(0, 200_000), "activation text": script, notes: script }) });
  await served.fill();
});
after(() => served?.stop());

/** Counts what the content policy had to refuse. */
const watch = () => {
  window.refused = [];
  document.addEventListener("securitypolicyviolation", (event) => window.refused.push(`${event.violatedDirective} ${event.blockedURI}`));
};

async function opened(options = {}) {
  const page = await served.open({ before: watch, ...options });
  page.asked = [];
  page.on("request", (request) => new URL(request.url()).host !== served.link.host && page.asked.push(request.url()));
  await page.locator("#item-0").waitFor();
  return page;
}

async function harmless(page, where) {
  assert.equal(await page.evaluate(() => window.ran ?? null), null, `${where}: a script ran`);
  assert.deepEqual(await page.evaluate(() => window.refused), [], `${where}: the policy had to step in`);
  assert.deepEqual(page.asked, [], `${where}: somebody else was asked`);
  await clean(page, where, refusal);
  // The page answers: a place is gone to, and come back from.
  await page.evaluate(() => (location.hash = "#/activity"));
  await page.getByRole("main", { name: "Activity" }).waitFor();
  await page.evaluate(() => (location.hash = "#/library"));
  await list(page).waitFor();
}

test("what Civitai says of a model is shown as text and runs nothing", async () => {
  const page = await opened();
  await search(page).fill("porcelain");
  await row(page, "Porcelain Portrait").first().click();
  const panel = details(page);
  await panel.getByRole("heading", { level: 2 }).filter({ hasText: "onerror" }).waitFor();
  await panel.getByText("hello").first().waitFor();
  assert.equal(await panel.locator("iframe, form, script, style, object, embed, [onerror], [onload], [style*=fixed], a[href^=javascript]").count(), 0);
  const shownNow = await panel.evaluate((each) => each.textContent.length);
  assert.ok(shownNow < 400_000, `${shownNow} letters of a description are drawn at once`);
  await picture(page, "hostile-details-dark");
  await harmless(page, "a model that Civitai describes");
  await page.context().close();
});

test("turned and invisible letters are made visible, and nothing is turned around them", async () => {
  const page = await opened();
  await search(page).fill("snerotefas");
  await rows(page).first().click();
  const heading = details(page).getByRole("heading", { level: 2 }).first();
  await heading.waitFor();
  assert.ok(!/[‪-‮⁦-⁩]/.test(await heading.textContent()), "a letter that turns the text is drawn");
  await picture(page, "hostile-turned-dark");
  await harmless(page, "turned letters");
  await page.context().close();
});

test("every hostile file is opened, its header unfolded, and nothing runs", async () => {
  const page = await opened();
  await search(page).fill("hostile");
  const { total } = await served.rpc("library_list", { search: "hostile" });
  assert.ok(total >= 7, String(total));
  await until("they are listed", async () => (await rows(page).count()) === total);
  for (let index = 0; index < total; index++) {
    await rows(page).nth(index).click();
    await details(page).getByRole("heading", { level: 2 }).first().waitFor();
    for (const fold of await details(page).locator("summary").all()) await fold.click();
    for (const image of await details(page).locator("img").all()) {
      await until("the picture is there or is given up", () => image.evaluate((each) => each.complete, null, { timeout: 5000 }).catch(() => true));
    }
    assert.equal(await page.evaluate(() => window.ran ?? null), null);
  }
  await picture(page, "hostile-list-dark");
  await harmless(page, "hostile files");
  await page.context().close();
});

test("a picture of 20,000 pixels each way is bounded before the page has it, a program is no picture", async () => {
  const preview = async (words) => {
    const item = await served.item(words);
    const answer = await fetch(new URL(`/preview/${item.id}/cover`, served.link), { headers: { authorization: `Bearer ${served.token}` } });
    return { type: answer.headers.get("content-type"), bytes: Buffer.from(await answer.arrayBuffer()), status: answer.status };
  };
  for (const words of ["hostile svg as png", "hostile page as png"]) {
    const { type, bytes, status } = await preview(words);
    assert.ok(status !== 200 || (/^image\/(png|jpeg|webp)/.test(type) && !bytes.includes("<script")), `${words}: ${status} ${type}`);
  }
  const page = await opened();
  await search(page).fill("hostile bomb");
  await until("one", async () => (await rows(page).count()) === 1);
  await rows(page).first().click();
  await details(page).getByRole("heading", { level: 2 }).first().waitFor();
  const sides = await page.evaluate(async () => {
    const images = [...document.querySelectorAll("img")];
    await Promise.all(images.map((each) => (each.complete ? null : new Promise((resolve) => { each.onload = resolve; each.onerror = resolve; }))));
    return images.map((each) => Math.max(each.naturalWidth, each.naturalHeight));
  });
  assert.ok(sides.every((side) => side <= 4096), `pixels: ${sides.join(", ")}`);
  await harmless(page, "a picture that is too large");
  await page.context().close();
});
