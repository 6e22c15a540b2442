import { usePlatform } from "../../api/client";
import { CopyButton } from "../../components/copy-button";
import { cx } from "../../components/cx";
import { text } from "../../text";

/** What a preview was made with. */
export function Prompt({ prompt, className }: { prompt: string; className?: string }) {
  const platform = usePlatform();
  const words = text.inspector.prompt;
  return (
    <div className={cx("flex items-start gap-2 text-sm", className)}>
      <p tabIndex={0} aria-label={words} role="group" className="max-h-28 min-w-0 flex-1 overflow-y-auto rounded wrap-anywhere whitespace-pre-line select-text">
        {prompt}
      </p>
      <span className="pt-1">
        <CopyButton
          value={prompt}
          copyText={(value) => platform.copyText(value)}
          words={{ label: text.common.copy(words), copied: text.common.copiedWhat(words), failed: text.common.copyFailed }}
        />
      </span>
    </div>
  );
}
