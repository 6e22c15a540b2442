import { Check } from "lucide-react";

import { usePlatform } from "../../api/client";
import { useCopy } from "../../components/use-copy";
import { text } from "../../text";
import { visible } from "../../text/visible";

/** A trigger word; a click copies it. */
export function Word({ word }: { word: string }) {
  const platform = usePlatform();
  const { copied, copy } = useCopy((value) => platform.copyText(value), {
    copied: text.common.copiedWhat(`“${visible(word)}”`),
    failed: text.common.copyFailed,
  });
  return (
    <li className="max-w-full">
      <button
        type="button"
        aria-label={text.inspector.copyWord(visible(word))}
        title={text.inspector.copyWord(visible(word))}
        onClick={() => copy(word)}
        className="relative flex max-w-full items-center rounded border border-line bg-raised px-2 py-0.5 text-left text-sm wrap-anywhere hover:border-line2 hover:bg-hover"
      >
        <span className={copied ? "line-clamp-3 opacity-0" : "line-clamp-3"}>{visible(word)}</span>
        {copied && (
          <span aria-hidden className="absolute inset-0 grid place-items-center text-good">
            <Check size={14} strokeWidth={2.5} />
          </span>
        )}
      </button>
    </li>
  );
}
