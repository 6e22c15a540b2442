import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import type { Event as EngineEvent } from "../bindings/Event";
import { backoff } from "./connection";
import { HttpPlatform } from "./http";
import { CommandError } from "./types";

class FakeSocket {
  static all: FakeSocket[] = [];
  onopen: (() => void) | null = null;
  onclose: (() => void) | null = null;
  onmessage: ((message: { data: string }) => void) | null = null;
  closed = false;
  readonly url: string;
  constructor(url: string) {
    this.url = url;
    FakeSocket.all.push(this);
  }
  close() {
    this.closed = true;
    this.onclose?.();
  }
  say(event: EngineEvent) {
    this.onmessage?.({ data: JSON.stringify(event) });
  }
}

const socket = (index: number): FakeSocket => {
  const found = FakeSocket.all[index];
  if (!found) throw new Error(`no socket ${index}`);
  return found;
};

beforeEach(() => {
  FakeSocket.all = [];
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", FakeSocket);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("subscribe", () => {
  test("ends at once, even before the socket is open, and never connects again", () => {
    const seen: EngineEvent[] = [];
    const stop = new HttpPlatform().subscribe((event) => seen.push(event));
    stop();
    expect(socket(0).closed).toBe(true);
    socket(0).onopen?.();
    socket(0).say({ event: "library_changed" });
    vi.advanceTimersByTime(60_000);
    expect(seen).toEqual([]);
    expect(FakeSocket.all).toHaveLength(1);
  });

  test("ends while waiting for the next try", () => {
    const stop = new HttpPlatform().subscribe(() => undefined);
    socket(0).onclose?.();
    stop();
    vi.advanceTimersByTime(60_000);
    expect(FakeSocket.all).toHaveLength(1);
  });

  test("comes back after a loss, says so, and asks for a resync", () => {
    const platform = new HttpPlatform();
    const seen: EngineEvent[] = [];
    const states: string[] = [];
    platform.onConnection(() => states.push(platform.connection()));
    platform.subscribe((event) => seen.push(event));
    socket(0).onopen?.();
    socket(0).say({ event: "jobs_changed" });
    expect(seen).toEqual([{ event: "jobs_changed" }]);

    socket(0).onclose?.();
    vi.advanceTimersByTime(backoff(0));
    socket(1).onopen?.();
    expect(seen).toEqual([{ event: "jobs_changed" }, { event: "resync" }]);
    expect(states).toEqual(["open", "lost", "open"]);
  });

  test("a message that is no event is passed over", () => {
    const seen: EngineEvent[] = [];
    new HttpPlatform().subscribe((event) => seen.push(event));
    socket(0).onopen?.();
    socket(0).onmessage?.({ data: "{" });
    socket(0).onmessage?.({ data: "3" });
    expect(seen).toEqual([]);
  });

  test("waits longer each time, up to ten seconds", () => {
    expect([0, 1, 2, 5, 50].map(backoff)).toEqual([250, 500, 1000, 8000, 10_000]);
  });
});

describe("call", () => {
  const answer = (status: number, body: string) =>
    vi.stubGlobal("fetch", vi.fn(() => Promise.resolve(new Response(body, { status }))));

  test("posts to the command's own address", async () => {
    answer(200, '{"job":4}');
    await expect(new HttpPlatform().call("scan_start", { roots: [1], depth: "usual" })).resolves.toEqual({ job: 4 });
    expect(fetch).toHaveBeenCalledWith("/rpc/scan_start", expect.objectContaining({ method: "POST", body: '{"roots":[1],"depth":"usual"}' }));
  });

  test("rejects with the engine's own words", async () => {
    const wire = { code: "io", message: "Could not read `/x`", hint: "Plug it in", retryable: true };
    answer(500, JSON.stringify(wire));
    await expect(new HttpPlatform().call("roots_list", {})).rejects.toMatchObject({ wire });
  });

  test("explains an answer that is not the engine's", async () => {
    answer(401, "<html>");
    await expect(new HttpPlatform().call("roots_list", {})).rejects.toMatchObject({ wire: { code: "unauthorised" } });
  });

  test("explains silence", async () => {
    vi.stubGlobal("fetch", vi.fn(() => Promise.reject(new TypeError("failed"))));
    const failure = new HttpPlatform().call("roots_list", {});
    await expect(failure).rejects.toBeInstanceOf(CommandError);
    await expect(failure).rejects.toMatchObject({ wire: { code: "offline", retryable: true } });
  });
});

test("a preview's address carries its key", () => {
  expect(new HttpPlatform().previewUrl(7, "cover", "1.0.5")).toBe("/preview/7/cover?v=1.0.5");
  expect(new HttpPlatform().previewUrl(7, 3, "a b")).toBe("/preview/7/3?v=a%20b");
});
