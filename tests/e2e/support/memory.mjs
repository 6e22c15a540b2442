// What the desktop app's processes hold in memory, beside a Tauri window with nothing in it. Needs a display.
//
// The measure is the proportional set size: what several processes share is shared out among them, so that the page's
// processes can be added to the app's without counting WebKit twice.
import { spawn } from "node:child_process";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { end } from "./served.mjs";

const bin = process.env.MODELDOCK_BIN;

/** Tells both and the difference. The library is the one that was served, and is served no more. */
export async function memoryOf(served, tell) {
  const runtime = join(served.home, "runtime");
  await mkdir(runtime, { recursive: true, mode: 0o700 });
  const env = {
    ...process.env,
    HOME: served.home,
    XDG_DATA_HOME: join(served.home, ".local/share"),
    XDG_CONFIG_HOME: join(served.home, ".config"),
    XDG_CACHE_HOME: join(served.home, ".cache"),
    XDG_RUNTIME_DIR: runtime,
    GDK_BACKEND: "x11",
    LIBGL_ALWAYS_SOFTWARE: "1",
    NO_AT_BRIDGE: "1",
  };
  const bare = await held([join(bin, "examples/bare")], env);
  const app = await held([join(bin, "modeldock-desktop"), "--data-dir", served.data, "--civitai-url", served.asked], env);
  tell("memory of the desktop app, all its processes", app.bytes / 1e6, "MB", null, each(app));
  tell("memory of an empty Tauri window", bare.bytes / 1e6, "MB", null, each(bare));
  tell("the difference", (app.bytes - bare.bytes) / 1e6, "MB");
}

/** What each program holds, the largest first. */
function each({ programs }) {
  const largest = [...programs].sort(([, one], [, other]) => other - one);
  return largest.map(([name, bytes]) => `${name} ${(bytes / 1e6).toFixed(0)}`).join(", ");
}

/** Starts it, waits until it takes no more, and ends it. */
async function held([program, ...args], env) {
  const child = spawn(program, args, { env, stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (part) => (said = (said + part).slice(-4000)));
  const failed = new Promise((_, reject) => child.once("error", reject));
  failed.catch(() => undefined);
  try {
    const samples = [];
    // Ten seconds at least, so that the page is there; then until five seconds change less than a fiftieth of it.
    for (let second = 0; second < 90; second++) {
      await Promise.race([new Promise((resolve) => setTimeout(resolve, 1000)), failed]);
      if (child.exitCode !== null) throw new Error(`${program} ended with ${child.exitCode}: ${said}`);
      samples.push(await proportional(child.pid));
      const last = samples.slice(-5).map(({ bytes }) => bytes);
      if (second >= 10 && Math.max(...last) - Math.min(...last) < last.at(-1) / 50) break;
    }
    const now = samples.at(-1);
    if (now.programs.size < 2) throw new Error(`${program} opened no window: ${said}`);
    return now;
  } finally {
    await end(child);
  }
}

/** The proportional set size of a process and all that it started, in bytes. */
async function proportional(pid) {
  const parents = new Map();
  const names = new Map();
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    // The name of a program may have brackets and spaces in it; the parent comes after the last one.
    const stat = await readFile(`/proc/${name}/stat`, "utf8").catch(() => null);
    if (stat === null) continue;
    const end = stat.lastIndexOf(")");
    parents.set(Number(name), Number(stat.slice(end + 2).split(" ")[1]));
    names.set(Number(name), stat.slice(stat.indexOf("(") + 1, end));
  }
  const tree = [pid];
  for (const parent of tree) for (const [process, its] of parents) if (its === parent) tree.push(process);
  let bytes = 0;
  const programs = new Map();
  for (const process of tree) {
    const rollup = await readFile(`/proc/${process}/smaps_rollup`, "utf8").catch(() => "");
    const its = Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0) * 1024;
    const name = names.get(process) ?? "modeldock-desktop";
    bytes += its;
    programs.set(name, (programs.get(name) ?? 0) + its);
  }
  return { bytes, programs };
}
