import { QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { Event as EngineEvent } from "../bindings/Event";
import type { JobSnapshot } from "../bindings/JobSnapshot";
import type { Platform } from "../platform";
import { jobsKey } from "./keys";
import { followEvents } from "./live";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const job = (id: number, bytes_hashed: number) => ({ id, bytes_hashed, state: "running" }) as JobSnapshot;

function following() {
  let tell: (event: EngineEvent) => void = () => undefined;
  const subscribe: Platform["subscribe"] = (handler) => {
    tell = handler;
    return () => undefined;
  };
  const client = new QueryClient();
  const changes = vi.fn();
  const stop = followEvents({ subscribe } as Platform, client);
  client.getQueryCache().subscribe((event) => {
    if (event.type === "updated") changes();
  });
  const say = (event: EngineEvent) => {
    tell(event);
  };
  return { client, changes, stop, tell: say, jobs: () => client.getQueryData<JobSnapshot[]>(jobsKey) };
}

test("ten thousand updates in a second change what is drawn five times, and the last of them is there", () => {
  const { changes, jobs, tell } = following();
  tell({ event: "progress", job: job(1, 0) });
  changes.mockClear();
  for (let update = 1; update <= 10_000; update += 1) {
    tell({ event: "progress", job: job(1, update) });
    if (update % 10 === 0) vi.advanceTimersByTime(1);
  }
  expect(changes.mock.calls.length).toBeLessThanOrEqual(5);
  vi.advanceTimersByTime(200);
  expect(jobs()).toEqual([job(1, 10_000)]);
});

test("a job that has ended does not run again for what was told before", () => {
  const { client, jobs, tell } = following();
  tell({ event: "progress", job: job(1, 1) });
  tell({ event: "progress", job: job(1, 2) });
  tell({ event: "jobs_changed" });
  const done = { ...job(1, 3), state: "done" } as JobSnapshot;
  client.setQueryData(jobsKey, [done]);
  vi.advanceTimersByTime(1000);
  expect(jobs()).toEqual([done]);
});

test("what is told of two jobs at once is not mixed up, and nothing is drawn after the end", () => {
  const { jobs, stop, tell } = following();
  tell({ event: "progress", job: job(1, 1) });
  tell({ event: "progress", job: job(2, 5) });
  tell({ event: "progress", job: job(1, 2) });
  vi.advanceTimersByTime(200);
  expect(jobs()?.map(({ id, bytes_hashed }) => [id, bytes_hashed]).sort()).toEqual([[1, 2], [2, 5]]);
  tell({ event: "progress", job: job(1, 9) });
  stop();
  vi.advanceTimersByTime(1000);
  expect(jobs()?.find(({ id }) => id === 1)?.bytes_hashed).toBe(2);
});
