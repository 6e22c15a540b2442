/** What is known about a file, in a sentence. Pure. */
import type { LibraryItem } from "../../bindings/LibraryItem";
import { text } from "../../text";
import type { Tone } from "../library/item";

export interface StateWords {
  tone: Tone;
  line: string;
  hints: string[];
}

export function stateWords(item: LibraryItem, now: number): StateWords {
  const words = text.inspector.state;
  const said = ((): StateWords => {
    switch (item.state) {
      case "matched":
        if (item.provenance === "measured") {
          return {
            tone: "good",
            line: item.hashed_at === null ? words.verifiedUndated : words.verified(item.hashed_at, now),
            hints: [],
          };
        }
        return { tone: "good", line: words.matched, hints: [words.unverified] };
      case "probable":
        return { tone: "probable", line: words.probable, hints: [words.probableHint] };
      case "not_found":
        return { tone: "faint", line: words.notFound(item.checked_at, now), hints: [] };
      case "pending": {
        const { problem } = item;
        if (problem !== null) {
          const hints = [problem.hint, item.retry_at === null ? null : words.next(item.retry_at, now)];
          return { tone: "warn", line: `${words.toAsk}: ${lowerFirst(problem.message)}`, hints: hints.filter((hint) => hint !== null) };
        }
        return item.hashed_at === null && item.sha256 === null
          ? { tone: "faint", line: words.toRead, hints: [words.toReadHint] }
          : { tone: "faint", line: words.toAsk, hints: item.retry_at === null ? [] : [words.next(item.retry_at, now)] };
      }
      case "failed":
        return {
          tone: "bad",
          line: item.problem?.message ?? words.failed,
          hints: item.problem?.hint ? [item.problem.hint] : [],
        };
    }
  })();
  if (!item.missing) return said;
  return { tone: "warn", line: words.missing, hints: [words.missingHint, said.line] };
}

/** Inside a sentence, unless it begins with a name or an abbreviation. */
function lowerFirst(message: string): string {
  const [first = "", second = ""] = message;
  if (message.startsWith("Civitai") || second === second.toUpperCase()) return message;
  return first.toLowerCase() + message.slice(1);
}
