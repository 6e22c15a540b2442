/** How one download is told, and what can be done with it. Pure; follows the engine's table of states. */
import type { Download } from "../../bindings/Download";
import type { Hours } from "../../bindings/Hours";
import type { PauseReason } from "../../bindings/PauseReason";
import { text } from "../../text";
import type { Tone } from "../library/item";

const words = text.downloads;

export function isOver({ state }: Download): boolean {
  return state.state === "done" || state.state === "failed" || state.state === "cancelled";
}

/** The queue in the order in which it runs, and what ended, the newest first. */
export function splitUp(downloads: readonly Download[]): { queue: Download[]; history: Download[] } {
  return {
    queue: downloads.filter((each) => !isOver(each)),
    history: downloads.filter(isOver).sort((a, b) => (b.finished_at ?? 0) - (a.finished_at ?? 0)),
  };
}

export interface Said {
  word: string;
  tone: Tone;
  hints: string[];
  problem: { message: string; hint: string | null } | null;
}

export function said({ state }: Download, now: number, hours: Hours | null): Said {
  const plain = { hints: [], problem: null };
  switch (state.state) {
    case "queued":
      return {
        word: words.state("queued"),
        tone: state.problem === null ? "faint" : "warn",
        hints: state.retry_at === null ? [] : [words.nextTry(state.retry_at, now)],
        problem: state.problem,
      };
    case "resolving":
    case "running":
    case "verifying":
    case "placing":
      return { ...plain, word: words.state(state.state), tone: "probable" };
    case "paused":
      return held(state.why, hours);
    case "done":
      if (state.was_there) return { ...plain, word: words.wasThere, tone: "good", hints: [words.wasThereHint] };
      return state.verified
        ? { ...plain, word: words.verified, tone: "good" }
        : { ...plain, word: words.notVerified, tone: "known", hints: [words.notVerifiedHint] };
    case "failed":
      return { ...plain, word: words.state("failed"), tone: "bad", problem: state.problem };
    case "cancelled":
      return { ...plain, word: words.state("cancelled"), tone: "faint" };
  }
}

function held(why: PauseReason, hours: Hours | null): Said {
  switch (why.reason) {
    case "user":
      return { word: words.paused, tone: "faint", hints: [], problem: null };
    case "hours":
      return { word: words.outOfHours, tone: "faint", hints: [words.hours(hours)], problem: null };
    case "disk_full":
      return { word: words.diskFull, tone: "warn", hints: [words.needed(why.needed)], problem: why.problem };
  }
}

/** Bytes, speed and time left, as far as they are known, and the limit where it has one of its own. */
export function facts(download: Download): string[] {
  const { received, total, speed, seconds_left, limit, state } = download;
  const out: string[] = [];
  if (received > 0 || total !== null) out.push(words.of(received, total));
  if (state.state === "running" && speed !== null) out.push(words.speed(speed));
  if (limit !== null && !isOver(download)) out.push(words.limited(limit));
  if (state.state === "running" && seconds_left !== null) out.push(words.left(seconds_left));
  return out;
}

export function fraction({ received, total }: Download): number | null {
  return total === null || total === 0 ? null : Math.min(1, received / total);
}

export const can = {
  pause: ({ state }: Download) => ["queued", "resolving", "running", "verifying"].includes(state.state),
  // Outside the hours it would only be held again.
  resume: ({ state }: Download) => state.state === "paused" && state.why.reason !== "hours",
  cancel: (download: Download) => !isOver(download) && download.state.state !== "placing",
  retry: ({ state }: Download) =>
    state.state === "failed" || state.state === "cancelled" || (state.state === "queued" && (state.problem !== null || state.retry_at !== null)),
};

export interface Sum {
  received: number;
  total: number;
  speed: number;
}

export function sum(downloads: readonly Download[]): Sum {
  return downloads.reduce(
    (all, { received, total, speed }) => ({
      received: all.received + received,
      total: all.total + (total ?? received),
      speed: all.speed + (speed ?? 0),
    }),
    { received: 0, total: 0, speed: 0 },
  );
}
