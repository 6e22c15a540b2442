/** What is known about a file, how, and since when, in a sentence. Pure. */
import type { LibraryItem } from "../../bindings/LibraryItem";
import { text } from "../../text";
import { isVerified } from "../library/item";
import type { Tone } from "../library/item";

export interface StateWords {
  tone: Tone;
  line: string;
  hints: string[];
}

export interface Note {
  title: string;
  body: string;
}

export function stateWords(item: LibraryItem, now: number): StateWords {
  const words = text.inspector.state;
  const said = ((): StateWords => {
    switch (item.state) {
      case "matched":
      case "probable":
        return knownWords(item, now);
      case "not_found":
        return { tone: "faint", line: words.notFound(item.checked_at, now), hints: readInFull(item, now) };
      case "pending":
        return pendingWords(item, now);
      case "failed":
        return {
          tone: "bad",
          line: item.problem?.message ?? words.failed,
          hints: item.problem?.hint ? [item.problem.hint] : [],
        };
    }
  })();
  if (!item.missing) return said;
  return { tone: "warn", line: words.missing, hints: [words.missingHint, said.line, ...said.hints] };
}

function knownWords(item: LibraryItem, now: number): StateWords {
  const words = text.inspector.state;
  if (item.matched_by === "link") {
    return { tone: "known", line: words.linked, hints: [words.linkedHint, ...basis(item, now)] };
  }
  if (item.matched_by === "embedded") {
    return { tone: "probable", line: words.embedded, hints: [words.embeddedHint, ...basis(item, now)] };
  }
  if (isVerified(item)) {
    return {
      tone: "good",
      line: item.hashed_at === null ? words.verifiedUndated : words.verified(item.hashed_at, now),
      hints: item.matched_by === "blake3" ? [words.blake3Hint] : [],
    };
  }
  if (item.state === "matched" && item.provenance === "measured") {
    switch (item.matched_by) {
      case "tensors":
        return { tone: "known", line: words.altered, hints: [words.alteredHint, ...readInFull(item, now)] };
      case "archive_member":
        return { tone: "known", line: words.archive, hints: [words.archiveHint, ...readInFull(item, now)] };
      case "sha256":
      case "blake3":
      case null:
        return { tone: "known", line: words.known, hints: readInFull(item, now) };
    }
  }
  const by = item.matched_by === null ? [] : words.probablyBy(item.matched_by);
  if (item.provenance === null) return { tone: "probable", line: words.probable, hints: [words.notRead, ...by] };
  return {
    tone: "probable",
    line: words.probableBy(item.provenance, item.hash_source),
    hints: [...basis(item, now), ...by],
  };
}

function pendingWords(item: LibraryItem, now: number): StateWords {
  const words = text.inspector.state;
  const next = item.retry_at === null ? [] : [words.next(item.retry_at, now)];
  const { problem } = item;
  if (problem !== null) {
    return {
      tone: "warn",
      line: `${words.toAsk}: ${lowerFirst(problem.message)}`,
      hints: [...(problem.hint === null ? [] : [problem.hint]), ...next],
    };
  }
  if (item.sha256 === null) return { tone: "faint", line: words.toRead, hints: [words.toReadHint] };
  // Civitai was asked about a hash that nobody has checked, and does not know it: only reading the file settles it.
  if (item.provenance !== null && item.provenance !== "measured" && item.checked_at !== null) {
    return { tone: "faint", line: words.toRead, hints: [words.unknownHash(item.provenance, item.hash_source)] };
  }
  return { tone: "faint", line: words.toAsk, hints: next };
}

function readInFull(item: LibraryItem, now: number): string[] {
  if (item.provenance !== "measured" || item.hashed_at === null) return [];
  return [text.inspector.state.readInFull(item.hashed_at, now)];
}

/** Since when the hash is known, and whether the file was read for it. */
function basis(item: LibraryItem, now: number): string[] {
  const { provenance } = item;
  if (provenance === null) return [];
  if (provenance === "measured") return readInFull(item, now);
  return [text.inspector.state.takenOver(provenance, item.hashed_at, now)];
}

/** What else must be known to read the rest rightly. */
export function notesOf(item: LibraryItem, now: number): Note[] {
  const words = text.inspector.note;
  const notes: Note[] = [];
  if (item.corrected !== null) {
    notes.push({ title: words.corrected, body: words.correctedBody(item.corrected, now) });
  }
  if (item.removed_at !== null) {
    notes.push({ title: words.removed(item.removed_at, now), body: words.removedBody });
  }
  return notes;
}

/** Inside a sentence, unless it begins with a name or an abbreviation. */
function lowerFirst(message: string): string {
  const [first = "", second = ""] = message;
  if (message.startsWith("Civitai") || second === second.toUpperCase()) return message;
  return first.toLowerCase() + message.slice(1);
}
