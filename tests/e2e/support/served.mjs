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

/** Starts a program and waits until it says where it listens. `around`: what starts it, and is given it to start. */
async function start(name, args, env, around = null) {
  const [program, ...rest] = [...(around ?? []), bin(name), ...args];
  const child = spawn(program, rest, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout });
  const said = [];
  const first = new Promise((resolve, reject) => {
    lines.on("line", (line) => {
      const event = JSON.parse(line);
      said.push(event);
      if (event.event === "listening") resolve(event);
    });
    child.once("exit", (code) => reject(new Error(`${name} ended with ${code} before it listened`)));
    child.once("error", reject);
  });
  return { child, said, listening: await first };
}

/** Ends a program, however it likes to end. */
export async function end(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), 8000);
  await gone;
  clearTimeout(timer);
}

let chrome;
let users = 0;

/** One Chromium for all that a test file opens; contexts keep the tests apart. */
async function chromiumOf() {
  users += 1;
  chrome ??= await chromium.launch({
    executablePath: process.env.MODELDOCK_CHROMIUM,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
  return chrome;
}

export class Served {
  contexts = [];

  /**
   * With the sample installations in the home folder, and nothing added yet. `simulator` and `serve` are more arguments
   * for the two programs, `bare` a home without installations; `through` puts something between Modeldock and the
   * simulator, `around` starts Modeldock in something; `home` is a folder that is not there yet, for who will see its name.
   */
  static async start({ simulator = [], serve = [], bare = false, through = null, around = null, home = null } = {}) {
    const served = new Served();
    // Not made if it is there: it goes with all that is in it.
    if (home !== null) await mkdir(home);
    served.home = home ?? (await mkdtemp(join(tmpdir(), "modeldock-e2e-")));
    served.data = join(served.home, "data");
    served.extra = serve;
    served.around = around;
    const sample = bare ? [] : ["--write-sample-tree", served.home];
    served.simulator = await start("civitai-simulator", [...sample, ...simulator], {});
    served.civitai = served.simulator.listening.url;
    served.asked = through === null ? served.civitai : await through(served.civitai);
    await served.serve();
    await mkdir(out, { recursive: true });
    served.browser = await chromiumOf();
    return served;
  }

  /** With every model of the sample installations in the library, and identified. */
  static async withLibrary(options = {}) {
    const served = await Served.start(options);
    await served.fill();
    return served;
  }

  /** Adds what is found in the home folder and looks through it. */
  async fill() {
    for (const { path } of await this.rpc("roots_detect")) await this.rpc("roots_add", { path });
    await this.scan();
  }

  /** Looks through all folders and waits for the end of it. */
  async scan() {
    await this.rpc("scan_start", {});
    await until("the scan", async () => {
      const jobs = await this.rpc("jobs_list");
      return jobs.length > 0 && jobs.every((job) => !["running", "paused"].includes(job.state));
    });
  }

  /** (Re)starts `modeldock serve` on the same data folder. */
  async serve(listen = "127.0.0.1:0", more = []) {
    const args = ["serve", "--json", "--listen", listen, "--data-dir", this.data, "--civitai-url", this.asked, ...this.extra, ...more];
    const env = { HOME: this.home, XDG_DATA_HOME: join(this.home, ".local/share"), XDG_CONFIG_HOME: join(this.home, ".config"), DBUS_SESSION_BUS_ADDRESS: "disabled:" };
    // Both sites' relays: nothing that is tested may reach the real ones.
    env.MODELDOCK_LINK_URL = `${this.civitai},${this.civitai}`;
    this.modeldock = await start("modeldock", args, env, this.around);
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

  /** The website's end of Civitai Link, see crates/simulator/src/server/link.rs: `website("POST", "send", { room, version })`. */
  async website(method, what, body = null) {
    const url = new URL(`/__sim/link/${what}`, this.civitai);
    const answer = await fetch(url, { method, headers: { "content-type": "application/json" }, ...(body === null ? {} : { body: JSON.stringify(body) }) });
    if (!answer.ok) throw new Error(`the simulator refused ${method} ${what}: ${answer.status} ${await answer.text()}`);
    return answer.status === 204 ? null : answer.json();
  }

  /** What the simulated Civitai was asked since the last time. */
  async requests(endpoint = null) {
    const url = new URL(`/__sim/requests${endpoint === null ? "" : `?endpoint=${endpoint}`}`, this.civitai);
    return (await (await fetch(url)).json()).requests;
  }

  async forgetRequests() {
    await fetch(new URL("/__sim/requests", this.civitai), { method: "DELETE" });
  }

  /** So many versions that can be asked for and are not in the library. The first is one that Civitai then refuses. */
  async notHere(amount) {
    const { items } = await (await fetch(new URL("/api/v1/models?limit=100&nsfw=true", this.civitai))).json();
    const found = [];
    for (const { id } of items.flatMap((model) => model.modelVersions)) {
      const plan = await this.rpc("download_plan", { what: String(id) }).catch(() => null);
      if (plan !== null && plan.there === null && !plan.early_access) found.push(id);
      if (found.length === amount) return found;
    }
    throw new Error(`only ${found.length} of ${amount} versions are not here`);
  }

  /** The number of the version that has a file of this name (without its ending) at Civitai. */
  async versionOf(name) {
    const { items } = await (await fetch(new URL("/api/v1/models?limit=100&nsfw=true", this.civitai))).json();
    const versions = items.flatMap((model) => model.modelVersions);
    const found = versions.find((version) => version.files.some((file) => file.name.startsWith(`${name}.`)));
    if (!found) throw new Error(`no version has a file ${name}`);
    return found.id;
  }

  /** The one item that a search finds. */
  async item(search) {
    const { items } = await this.rpc("library_list", { search });
    if (items.length !== 1) throw new Error(`“${search}” finds ${items.length} models`);
    return items[0];
  }

  /** A page that has followed the link. Script errors and console errors fail the test that opened it. */
  async open({ width = 1280, height = 800, scale = 1, theme = "dark", path = "", before = null } = {}) {
    const context = await this.browser.newContext({
      viewport: { width, height },
      deviceScaleFactor: scale,
      colorScheme: theme,
      reducedMotion: "reduce",
      locale: "en-GB",
      permissions: ["clipboard-read", "clipboard-write"],
    });
    this.contexts.push(context);
    context.setDefaultTimeout(Number(process.env.MODELDOCK_E2E_PATIENCE ?? 30_000));
    const page = await context.newPage();
    page.complaints = [];
    page.on("pageerror", (error) => page.complaints.push(error.message));
    page.on("console", (message) => message.type() === "error" && page.complaints.push(message.text()));
    if (before !== null) await page.addInitScript(before);
    await page.goto(this.link.href);
    if (path !== "") await page.goto(new URL(path, this.link).href);
    await page.locator("main").first().waitFor();
    return page;
  }

  async stop() {
    for (const context of this.contexts) await context.close();
    if (this.browser && --users === 0) {
      await chrome.close();
      chrome = undefined;
    }
    if (this.modeldock) await end(this.modeldock.child);
    if (this.simulator) await end(this.simulator.child);
    await rm(this.home, { recursive: true, force: true });
  }
}

/** A model file that says no more than this of itself. */
export function safetensors(metadata) {
  const header = Buffer.from(JSON.stringify({ __metadata__: metadata }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, Buffer.from("tensors")]);
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
