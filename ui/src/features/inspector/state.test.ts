import { expect, test } from "vitest";

import type { LibraryItem } from "../../bindings/LibraryItem";
import { makeItems } from "../../platform/fake-library";
import { stateWords } from "./state";

const now = new Date(2026, 10, 23, 12).getTime();
const day = new Date(2026, 10, 21, 9).getTime();

function item(part: Partial<LibraryItem>): LibraryItem {
  const [base] = makeItems(1, [
    {
      id: 1, path: "/r", layout: "plain", name: "r", online: true, files: 0, bytes: 0, scanned_at: null,
      watching: "events", watching_note: null, sidecars: { a1111_json: false, preview: false, civitai_info: false },
    },
  ]);
  if (!base) throw new Error("no item");
  return {
    ...base,
    problem: null,
    retry_at: null,
    hash_source: null,
    corrected: null,
    matched_by: "sha256",
    removed_at: null,
    hashed_at: null,
    ...part,
  };
}

test("only a measured match may be called verified", () => {
  expect(stateWords(item({ state: "matched", provenance: "measured", hashed_at: day }), now).line).toBe(
    "Verified, read in full on 21 Nov",
  );
  for (const provenance of ["imported", "quick", "claimed"] as const) {
    expect(stateWords(item({ state: "matched", provenance }), now).line).not.toMatch(/verified/i);
  }
});

test("not known says when it was asked", () => {
  expect(stateWords(item({ state: "not_found", checked_at: day }), now).line).toBe("Not known to Civitai, asked on 21 Nov");
});

test("waiting says for what, and when the next try is", () => {
  const problem = { code: "rate_limited" as const, message: "Too many requests", hint: "Nothing to do", retryable: true };
  const words = stateWords(item({ state: "pending", problem, retry_at: now + 240_000 }), now);
  expect(words.line).toBe("Waiting for Civitai: too many requests");
  expect(words.hints).toEqual(["Nothing to do", "Next try in 4 min."]);
});

test("a missing file says so first and keeps what is known", () => {
  const words = stateWords(item({ state: "matched", provenance: "measured", hashed_at: day, missing: true }), now);
  expect(words.line).toBe("Not on disk");
  expect(words.hints).toContain("Verified, read in full on 21 Nov");
});
