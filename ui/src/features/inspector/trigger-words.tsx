import { Check, Copy } from "lucide-react";

import { usePlatform } from "../../api/client";
import { useCopy } from "../../components/use-copy";
import { text } from "../../text";
import { Section } from "./section";

/** A click copies one; the button copies all, ready for a prompt. */
export function TriggerWords({ words }: { words: readonly string[] }) {
  const platform = usePlatform();
  const all = useCopy((value) => platform.copyText(value), {
    copied: text.common.copiedWhat(text.inspector.allWords),
    failed: text.common.copyFailed,
  });
  return (
    <Section
      title={text.inspector.words}
      action={
        words.length > 1 && (
          <button
            type="button"
            onClick={() => all.copy(words.join(", "))}
            className="inline-flex h-6 items-center gap-1.5 rounded px-1.5 text-sm font-medium text-accent hover:bg-hover"
          >
            {all.copied ? <Check aria-hidden size={12} /> : <Copy aria-hidden size={12} />}
            {all.copied ? text.common.copied : text.inspector.copyAll}
          </button>
        )
      }
    >
      <ul className="flex flex-wrap gap-1.5">
        {words.map((word) => (
          <Word key={word} word={word} />
        ))}
      </ul>
    </Section>
  );
}

function Word({ word }: { word: string }) {
  const platform = usePlatform();
  const { copied, copy } = useCopy((value) => platform.copyText(value), {
    copied: text.common.copiedWhat(`“${word}”`),
    failed: text.common.copyFailed,
  });
  return (
    <li className="max-w-full">
      <button
        type="button"
        aria-label={text.inspector.copyWord(word)}
        title={text.inspector.copyWord(word)}
        onClick={() => copy(word)}
        className="relative flex max-w-full items-center rounded border border-line bg-raised px-2 py-0.5 text-left text-sm wrap-anywhere hover:border-line2 hover:bg-hover"
      >
        <span className={copied ? "opacity-0" : undefined}>{word}</span>
        {copied && (
          <span aria-hidden className="absolute inset-0 grid place-items-center text-good">
            <Check size={14} strokeWidth={2.5} />
          </span>
        )}
      </button>
    </li>
  );
}
