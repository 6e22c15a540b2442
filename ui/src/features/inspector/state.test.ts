import { expect, test } from "vitest";

import type { LibraryItem } from "../../bindings/LibraryItem";
import { makeItems } from "../../platform/fake-library";
import type { MatchedBy } from "../../bindings/MatchedBy";
import type { Provenance } from "../../bindings/Provenance";
import { stateWord } from "../library/item";
import { notesOf, stateWords } from "./state";

const now = new Date(2026, 10, 23, 12).getTime();
const day = new Date(2026, 10, 21, 9).getTime();

function item(part: Partial<LibraryItem>): LibraryItem {
  const [base] = makeItems(1, [
    {
      id: 1, path: "/r", layout: "plain", name: "r", online: true, files: 0, bytes: 0, scanned_at: null,
      watching: "events", watching_note: null, sidecars: { a1111_json: false, preview: false, civitai_info: false },
      places: { overrides: {}, template: "" },
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

const provenances: (Provenance | null)[] = ["measured", "imported", "quick", "claimed", null];
const ways: (MatchedBy | null)[] = ["sha256", "blake3", "tensors", "embedded", "archive_member", "link", null];

test("nothing but a whole file read in full is called verified, or looks like it", () => {
  for (const state of ["matched", "probable", "not_found", "pending"] as const) {
    for (const provenance of provenances) {
      for (const matched_by of ways) {
        const it = item({ state, provenance, matched_by, hash_source: "lora_manager", hashed_at: day });
        const words = stateWords(it, now);
        const whole = matched_by === "sha256" || matched_by === "blake3" || matched_by === null;
        const verified = state === "matched" && provenance === "measured" && whole;
        expect(/verified/i.test([words.line, ...words.hints].join(" "))).toBe(verified);
        expect(words.tone === "good").toBe(verified);
        expect(stateWord(it).tone === "good").toBe(verified);
        expect(words.hints.filter((hint, index) => words.hints.indexOf(hint) !== index)).toEqual([]);
        // What was not read must not seem read.
        if (provenance !== "measured") expect(words.hints.join(" ")).not.toMatch(/^Read in full/m);
      }
    }
  }
});

test.each<[string, Partial<LibraryItem>, string, string[]]>([
  ["imported", { provenance: "imported", hash_source: "lora_manager" }, "Probable: hash from LoRA Manager", ["Taken over on 21 Nov; not read in full yet."]],
  ["imported, by nobody known", { provenance: "imported" }, "Probable: hash from another tool", ["Taken over on 21 Nov; not read in full yet."]],
  ["quick", { provenance: "quick" }, "Probable: recognised by a small sample", ["Sampled on 21 Nov; not read in full yet."]],
  ["claimed", { provenance: "claimed" }, "Probable: hash claimed by Civitai", ["Taken over on 21 Nov; not read in full yet."]],
  ["embedded", { provenance: "measured", matched_by: "embedded" }, "Probable: named by its own header",
    ["The header claims whose weights these are. Nothing confirms the claim so far.", "Read in full on 21 Nov."]],
])("probable, %s", (_, part, line, hints) => {
  expect(stateWords(item({ state: "probable", hashed_at: day, ...part }), now)).toEqual({ tone: "probable", line, hints });
});

test.each<[MatchedBy, string, string]>([
  ["tensors", "Header altered since upload", "The weights are those that were uploaded; a tool wrote into the file’s header afterwards."],
  ["archive_member", "Known by the model inside", "Civitai does not list this archive, but it lists the one model in it."],
  ["link", "Linked by you", "You chose this model; the file’s content does not prove it."],
])("found by %s", (matched_by, line, hint) => {
  const words = stateWords(item({ state: "matched", provenance: "measured", matched_by, hashed_at: day }), now);
  expect(words).toEqual({ tone: "known", line, hints: [hint, "Read in full on 21 Nov."] });
});

test("an unproven hash that Civitai does not know waits for the file to be read", () => {
  const part = { provenance: "imported", hash_source: "a1111", sha256: "AB", checked_at: day, hashed_at: day } as const;
  const words = stateWords(item({ state: "pending", ...part }), now);
  expect(words.line).toBe("Waiting to be read");
  expect(words.hints).toEqual(["Civitai does not know the hash from A1111. Reading the file in full will settle it."]);
});

test("what was wrong before is told: what, by whom, since when not", () => {
  const corrected = { provenance: "imported", source: "lora_manager", sha256: "ABCDEF0123456789", at: day } as const;
  expect(notesOf(item({ corrected }), now)).toEqual([
    {
      title: "Taken for another file before",
      body: "LoRA Manager gave its hash as `ABCDEF0123`. Reading it in full on 21 Nov showed otherwise.",
    },
  ]);
  const sampled = notesOf(item({ corrected: { ...corrected, provenance: "quick", source: null } }), now);
  expect(sampled[0]?.body).toMatch(/^A small sample made it look like `ABCDEF0123`\./);
});

test("what Civitai removed is told, and that nothing is lost", () => {
  expect(notesOf(item({ removed_at: day }), now)).toEqual([
    { title: "No longer at Civitai (noticed on 21 Nov)", body: "What it said is kept." },
  ]);
  expect(notesOf(item({}), now)).toEqual([]);
});

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
