import { Check, Copy } from "lucide-react";
import { useState } from "react";

import { usePlatform } from "../../api/client";
import type { ItemDetail } from "../../bindings/ItemDetail";
import type { LibraryItem } from "../../bindings/LibraryItem";
import { useCopy } from "../../components/use-copy";
import { text } from "../../text";
import { isLora } from "./lora";
import { LoraTag } from "./lora-tag";
import { Section } from "./section";
import { Word } from "./word";

// A few authors list a whole vocabulary.
const most = 40;

/** A click copies one; the button copies all, ready for a prompt; a LoRA itself is copied as it is called there. */
export function TriggerWords({ item, sidecars }: { item: LibraryItem; sidecars: ItemDetail["sidecars"] | undefined }) {
  const platform = usePlatform();
  const [whole, setWhole] = useState(false);
  const all = useCopy((value) => platform.copyText(value), {
    copied: text.common.copiedWhat(text.inspector.allWords),
    failed: text.common.copyFailed,
  });
  const words = [...new Set(item.trained_words)];
  const lora = isLora(item);
  if (words.length === 0 && !lora) return null;
  return (
    <Section
      title={words.length === 0 ? text.inspector.lora.title : text.inspector.words}
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
      {words.length > 0 && (
        <ul className="flex flex-wrap gap-1.5">
          {words.slice(0, whole ? undefined : most).map((word) => (
            <Word key={word} word={word} />
          ))}
        </ul>
      )}
      {words.length > most && (
        <button
          type="button"
          aria-expanded={whole}
          onClick={() => setWhole(!whole)}
          className="mt-1 -ml-1 h-6 rounded px-1 text-sm font-medium text-accent hover:underline"
        >
          {whole ? text.inspector.less : text.inspector.allOf(words.length)}
        </button>
      )}
      {lora && <LoraTag key={item.id} item={item} sidecars={sidecars} />}
    </Section>
  );
}
