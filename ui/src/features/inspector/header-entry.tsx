import { useMemo, useState } from "react";

import { usePlatform } from "../../api/client";
import { CopyButton } from "../../components/copy-button";
import { format, text } from "../../text";
import { visible } from "../../text/visible";
import { Branch } from "./header-branch";
import { holds, looksLikeTree, parsed } from "./tree";

const words = text.inspector.metadata;
/** Longer ones are cut, and shown whole if asked for. */
export const clip = 300;
const clipWhole = 100_000;

/** One entry: its key, and its value as text or, where it is JSON, as a tree that opens. */
export function Entry({ name, value, sought }: { name: string; value: string; sought: string }) {
  const platform = usePlatform();
  const [open, setOpen] = useState<boolean | null>(null);
  // What is sought inside is shown at once; otherwise somebody opens it.
  const isOpen = open ?? (sought !== "" && !name.toLowerCase().includes(sought));
  const node = useMemo(() => (isOpen ? parsed(value) : null), [isOpen, value]);
  const tree = looksLikeTree(value) && !(isOpen && node === null);
  return (
    <>
      <div className="flex items-center gap-1 text-faint">
        <span className="font-mono text-xs wrap-anywhere">
          <bdi>{visible(name)}</bdi>
        </span>
        <CopyButton
          value={value}
          copyText={(copied) => platform.copyText(copied)}
          words={{ label: text.common.copy(name), copied: text.common.copiedWhat(name), failed: text.common.copyFailed }}
        />
      </div>
      {tree ? (
        <>
          <button
            type="button"
            aria-expanded={isOpen}
            aria-label={isOpen ? words.fold(name) : words.unfold(name)}
            onClick={() => setOpen(!isOpen)}
            className="-ml-1 max-w-full truncate rounded px-1 text-left font-mono text-xs text-dim hover:bg-hover hover:text-text"
          >
            {isOpen ? words.less : `${visible(value.slice(0, 60))}${value.length > 60 ? "…" : ""}`}
          </button>
          {node !== null && <Branch node={node} sought={holds(name, "", sought) ? "" : sought} />}
        </>
      ) : (
        <Clipped value={value} />
      )}
    </>
  );
}

export function Clipped({ value }: { value: string }) {
  const [whole, setWhole] = useState(false);
  const shown = value.slice(0, whole ? clipWhole : clip);
  return (
    <>
      <p className="font-mono text-xs wrap-anywhere whitespace-pre-wrap text-dim select-text">
        <bdi>{visibleLines(shown)}</bdi>
        {shown.length < value.length && "…"}
      </p>
      {value.length > clip && (
        <button type="button" aria-expanded={whole} onClick={() => setWhole(!whole)} className="-ml-1 rounded px-1 text-sm font-medium text-accent hover:underline">
          {whole ? text.inspector.less : words.whole(format.bytes(value.length))}
        </button>
      )}
      {whole && value.length > clipWhole && <p className="text-sm text-faint">{words.tooLong}</p>}
    </>
  );
}

/** Lines and tabs are what they are in a long text. */
function visibleLines(value: string): string {
  return value.split(/([\n\t])/).map((part) => (part === "\n" || part === "\t" ? part : visible(part))).join("");
}
