import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { throttled } from "./throttle";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test("runs at once, then at most twice a second, and never loses the last call", () => {
  const run = vi.fn();
  const { call } = throttled(run, 500);
  for (let tick = 0; tick < 20; tick += 1) {
    call();
    vi.advanceTimersByTime(50);
  }
  // One second of calls: at 0, 500 and 1000 ms.
  expect(run).toHaveBeenCalledTimes(3);
  vi.advanceTimersByTime(5000);
  expect(run).toHaveBeenCalledTimes(3);
});

test("stopping forgets what was waiting", () => {
  const run = vi.fn();
  const { call, stop } = throttled(run, 500);
  call();
  call();
  stop();
  vi.advanceTimersByTime(5000);
  expect(run).toHaveBeenCalledTimes(1);
});
