// Progress is drawn at most five times a second, however often it is told, and the page answers meanwhile.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { rows, until } from "../support/page.mjs";
import { Served } from "../support/served.mjs";
import { storm } from "../support/storm.mjs";

let served, between;
before(async () => {
  served = await Served.withLibrary();
  between = await storm(served.link);
  served.link = between.link;
});
after(() => served?.stop());

/** Notes the moment of every frame in which the scan's line has changed. */
const watch = () => {
  window.paints = [];
  let waiting = false;
  new MutationObserver((changes) => {
    const scan = document.querySelector('section[aria-label="Scan"]');
    if (waiting || scan === null || !changes.some(({ target }) => scan.contains(target))) return;
    waiting = true;
    requestAnimationFrame((at) => {
      waiting = false;
      window.paints.push(at);
    });
  }).observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
};

const perSecond = 10_000;
const total = 9_000_000;

test("ten thousand updates a second are drawn at most five times in it, and a click is answered", async (t) => {
  const page = await served.open({ before: watch });
  await rows(page).first().waitFor();
  const job = { ...(await served.rpc("jobs_list"))[0], id: 4_000_000, state: "running", phase: "hashing", ended_at: null, error: null };
  await until("the page listens", () => between.listening === 1);
  let told = 0;
  let made = 0;
  const update = () => {
    made += 1;
    return { event: "progress", job: { ...job, files_to_hash: total, files_hashed: made, bytes_to_hash: total * 1000, bytes_hashed: made * 1000, current: `model ${made}.safetensors` } };
  };
  let before = performance.now();
  const telling = setInterval(() => {
    // As many as were due since the last time: timers come late on a busy machine.
    const due = Math.round(((performance.now() - before) / 1000) * perSecond);
    before += (due / perSecond) * 1000;
    if (between.say(Array.from({ length: due }, update))) told += due;
  }, 10);
  const began = performance.now();
  try {
    const bar = page.getByRole("progressbar", { name: "Scan progress" });
    await bar.waitFor();
    await page.evaluate(() => (window.paints.length = 0));
    await page.waitForTimeout(6000);
    const paints = await page.evaluate(() => window.paints);
    assert.ok(paints.length >= 10, `it is shown how it goes on: ${paints.length} paints`);
    // One frame more where an edge of the five seconds falls between two.
    for (let at = 0; at + 26 < paints.length; at++) assert.ok(paints[at + 26] - paints[at] >= 5000, `more than 26 paints in five seconds; ${paints.length} in all`);

    const clicked = performance.now();
    await page.getByRole("link", { name: /^Settings/ }).or(page.getByRole("button", { name: /^Settings/ })).first().click();
    await page.getByRole("heading", { level: 1, name: "Settings" }).waitFor();
    // How long is not judged: the machine may be busy with other tests. That it is answered while all this goes on is.
    const seconds = (performance.now() - began) / 1000;
    t.diagnostic(`${Math.round(told / seconds)} updates a second, ${paints.length} paints; another place after ${Math.round(performance.now() - clicked)} ms`);
    assert.ok(told > 20_000, `${told} updates were told`);
  } finally {
    clearInterval(telling);
  }
  // Nothing of it is lost: what was told last is what is shown in the end.
  await until("the last is told", () => between.say([update()]));
  const last = made;
  await page.waitForFunction((files) => document.querySelector('section[aria-label="Scan"]')?.textContent.replaceAll(/\D/g, "").includes(String(files)), last);
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});
