// A served library for browser tests: sample installations in a home of their own, the simulated Civitai, and
// `modeldock serve` between them. Everything is a real process and goes with `stop()`.
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const require = createRequire(new URL("../../../ui/package.json", import.meta.url));
export const { chromium } = require("playwright-core");
const axeSource = await readFile(require.resolve("axe-core/axe.min.js"), "utf8");

export const out = new URL("../out/", import.meta.url).pathname;
const bin = (name) => join(process.env.MODELDOCK_BIN, name);

/** Starts a program and waits for its first line of JSON. */
async function start(name, args, env) {
  const child = spawn(bin(name), args, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout });
  const first = new Promise((resolve, reject) => {
    lines.on("line", (line) => {
      const event = JSON.parse(line);
      if (event.event === "listening") resolve(event);
    });
    child.once("exit", (code) => reject(new Error(`${name} ended with ${code} before it listened`)));
    child.once("error", reject);
  });
  return { child, listening: await first };
}

async function end(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), 8000);
  await gone;
  clearTimeout(timer);
}

export class Served {
  /** With the sample installations already found in the home folder, but nothing added yet. */
  static async start() {
    const served = new Served();
    served.home = await mkdtemp(join(tmpdir(), "modeldock-e2e-"));
    served.simulator = await start("civitai-simulator", ["--write-sample-tree", served.home], {});
    served.civitai = served.simulator.listening.url;
    await served.serve();
    await mkdir(out, { recursive: true });
    served.browser = await chromium.launch({
      executablePath: process.env.MODELDOCK_CHROMIUM,
      args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
    });
    return served;
  }

  /** (Re)starts `modeldock serve` on the same data folder. */
  async serve(listen = "127.0.0.1:0") {
    const args = ["serve", "--json", "--listen", listen, "--data-dir", join(this.home, "data"), "--civitai-url", this.civitai];
    this.modeldock = await start("modeldock", args, { HOME: this.home, XDG_DATA_HOME: join(this.home, ".local/share") });
    this.link = new URL(this.modeldock.listening.url);
    this.token = this.link.searchParams.get("token");
  }

  async stopServing() {
    await end(this.modeldock.child);
  }

  /** A call as a script would make it. */
  async rpc(name, request = {}) {
    const answer = await fetch(new URL(`/rpc/${name}`, this.link), {
      method: "POST",
      headers: { authorization: `Bearer ${this.token}`, "content-type": "application/json" },
      body: JSON.stringify(request),
    });
    const body = await answer.json();
    if (!answer.ok) throw Object.assign(new Error(body.message), body);
    return body;
  }

  /** Faults of the simulated Civitai, in its own words. */
  async faults(...faults) {
    const url = new URL("/__sim/faults", this.civitai);
    await fetch(url, { method: "DELETE" });
    if (faults.length > 0) {
      const answer = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(faults) });
      if (!answer.ok) throw new Error(`the simulator refused: ${await answer.text()}`);
    }
  }

  /** A page that has followed the link. Script errors and console errors fail the test that opened it. */
  async open({ width = 1280, height = 800, theme = "dark", path = "" } = {}) {
    const context = await this.browser.newContext({
      viewport: { width, height },
      colorScheme: theme,
      reducedMotion: "reduce",
      locale: "en-GB",
      permissions: ["clipboard-read", "clipboard-write"],
    });
    const page = await context.newPage();
    page.complaints = [];
    page.on("pageerror", (error) => page.complaints.push(error.message));
    page.on("console", (message) => message.type() === "error" && page.complaints.push(message.text()));
    await page.goto(this.link.href);
    if (path !== "") await page.goto(new URL(path, this.link).href);
    await page.locator("main").first().waitFor();
    return page;
  }

  async stop() {
    await this.browser?.close();
    if (this.modeldock) await end(this.modeldock.child);
    if (this.simulator) await end(this.simulator.child);
    await rm(this.home, { recursive: true, force: true });
  }
}

/** What axe objects to, as text; empty if nothing. */
export async function axe(page) {
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  return violations.map((found) => {
    const nodes = found.nodes.slice(0, 3).map((node) => `${node.target.join(" ")}: ${node.failureSummary ?? ""}`);
    return `${found.id}: ${found.help}\n  ${nodes.join("\n  ")}`;
  });
}

/** Takes a picture once every cover that is in sight has been shown. */
export async function picture(page, name, folder = out) {
  const shown = () => [...document.images].every((image) => image.complete && image.naturalWidth > 0);
  // A picture that never comes is the test's to notice; here it only costs a moment.
  await page.waitForFunction(shown, null, { timeout: 8000 }).catch(() => undefined);
  await page.waitForTimeout(150);
  await page.screenshot({ path: join(folder, `${name}.png`) });
}

/** Polls until `check` gives something true; for what no event of the page announces. */
export async function until(what, check, seconds = 30) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const found = await check();
    if (found) return found;
    if (Date.now() > end) throw new Error(`timed out: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
