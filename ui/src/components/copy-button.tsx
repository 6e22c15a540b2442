import { Check, Copy } from "lucide-react";

import { IconButton } from "./button";
import { useCopy } from "./use-copy";

/** A small button beside a value. `words` come from the caller: a component has no text of its own. */
export function CopyButton({
  value,
  copyText,
  words,
}: {
  value: string;
  copyText: (text: string) => Promise<void>;
  words: { label: string; copied: string; failed: string };
}) {
  const { copied, copy } = useCopy(copyText, words);
  return (
    <IconButton small label={words.label} onClick={() => copy(value)} className="-my-1">
      {copied ? <Check aria-hidden size={13} className="text-good" /> : <Copy aria-hidden size={12} />}
    </IconButton>
  );
}
