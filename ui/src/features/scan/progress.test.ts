import { expect, test } from "vitest";

import type { JobSnapshot } from "../../bindings/JobSnapshot";
import { scanWords } from "./progress";

const job: JobSnapshot = {
  id: 1,
  state: "running",
  phase: "hashing",
  files_found: 12,
  files_to_hash: 10,
  files_hashed: 4,
  bytes_to_hash: 1000,
  bytes_hashed: 400,
  bytes_per_second: 100,
  seconds_left: 6,
  current: null,
  started_at: 0,
  ended_at: null,
  error: null,
};

test("recognising counts files and knows no end", () => {
  expect(scanWords({ ...job, phase: "identifying" })).toEqual({ phase: "Recognising files", fraction: null, facts: ["12 files found"] });
});

test("verifying says that it need not be waited for", () => {
  expect(scanWords({ ...job, phase: "verifying" })).toEqual({
    phase: "Verifying",
    fraction: 0.4,
    facts: ["All are named already; pause or stop any time", "4 of 10 files", "6 s left"],
  });
});

test("a held scan says so, and promises no time", () => {
  const words = scanWords({ ...job, phase: "verifying", state: "paused" });
  expect(words.phase).toBe("Paused");
  expect(words.facts).toEqual(["All are named already; pause or stop any time", "4 of 10 files"]);
});
