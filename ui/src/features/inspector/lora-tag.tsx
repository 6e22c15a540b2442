import { Check, Copy } from "lucide-react";
import { useState } from "react";

import { usePlatform } from "../../api/client";
import type { ItemDetail } from "../../bindings/ItemDetail";
import type { LibraryItem } from "../../bindings/LibraryItem";
import { Button } from "../../components/button";
import { useCopy } from "../../components/use-copy";
import { text } from "../../text";
import { visible } from "../../text/visible";
import { loraTag, rememberWeight, weightOf } from "./lora";

const words = text.inspector.lora;

/** The file as it is written into a prompt, with a weight of one's own. */
export function LoraTag({ item, sidecars }: { item: LibraryItem; sidecars: ItemDetail["sidecars"] | undefined }) {
  const platform = usePlatform();
  const [typed, setTyped] = useState<string | null>(null);
  const shown = typed ?? String(weightOf(item, sidecars));
  const weight = Number(shown);
  const valid = shown.trim() !== "" && Number.isFinite(weight) && Math.abs(weight) <= 10;
  const tag = loraTag(item.file_name, valid ? weight : 1);
  const { copied, copy } = useCopy((value) => platform.copyText(value), { copied: text.common.copiedWhat(visible(tag)), failed: text.common.copyFailed });
  return (
    <div className="mt-2 flex items-center gap-1.5">
      <Button
        small
        className="min-w-0! shrink! justify-start px-2! font-mono"
        disabled={!valid}
        aria-label={words.copy(visible(tag))}
        title={words.copy(visible(tag))}
        onClick={() => {
          rememberWeight(item.file_name, weight);
          copy(tag);
        }}
      >
        {copied ? <Check aria-hidden size={12} className="shrink-0 text-good" /> : <Copy aria-hidden size={12} className="shrink-0" />}
        <span className="truncate">{visible(tag)}</span>
      </Button>
      <input
        type="number"
        aria-label={words.weight}
        title={words.weight}
        aria-invalid={!valid}
        min={-10}
        max={10}
        step={0.05}
        value={shown}
        onChange={(event) => setTyped(event.target.value)}
        className="ml-auto h-7 w-16 shrink-0 rounded-lg border border-line2 bg-raised px-2 text-sm tabular-nums aria-invalid:border-bad"
      />
    </div>
  );
}
