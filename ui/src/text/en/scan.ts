/** The words of the line that tells about the scan. */
import type { ScanPhase } from "../../bindings/ScanPhase";
import { ago, bytes, count, duration, speed } from "../format";
import { files } from "./names";

const phases: Record<ScanPhase, string> = {
  walking: "Looking through folders",
  identifying: "Recognising files",
  hashing: "Reading files",
  resolving: "Asking Civitai",
  verifying: "Verifying",
  finished: "Finishing",
};

export const scan = {
  label: "Scan",
  phase: (phase: ScanPhase) => phases[phase],
  paused: "Paused",
  named: "All are named already; pause or stop any time",
  found: (amount: number) => `${files(amount)} found`,
  filesOf: (done: number, all: number) => `${count(done)} of ${files(all)}`,
  bytesOf: (done: number, all: number) => `${bytes(done)} of ${bytes(all)}`,
  speed: (rate: number) => speed(rate),
  left: (seconds: number) => `${duration(seconds)} left`,
  pause: "Pause",
  resume: "Resume",
  cancel: "Cancel",
  now: "Scan now",
  again: "Try again",
  progress: "Scan progress",
  done: (found: number, read: number, at: number, now: number) =>
    `${files(found)} looked through ${ago(at, now)}${read > 0 ? `, ${count(read)} read` : ", nothing new"}`,
  cancelled: (read: number) => `Scan cancelled. ${read > 0 ? `${files(read)} read so far stay known.` : "Nothing is lost."}`,
  failed: "The scan stopped",
  problem: "One thing to know",
  idle: (at: number, now: number) => `Last looked through ${ago(at, now)}`,
  never: "Not looked through yet",
  dismiss: "Dismiss",
};
