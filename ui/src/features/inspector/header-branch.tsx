import { ChevronRight } from "lucide-react";
import { useState } from "react";

import { cx } from "../../components/cx";
import { text } from "../../text";
import { visible } from "../../text/visible";
import { Clipped } from "./header-entry";
import { asText, childrenOf, holds, isBranch } from "./tree";
import type { Node } from "./tree";

const words = text.inspector.metadata;
const page = 100;
// Deeper ones are shown as text: nobody reads them as a tree, and a hostile file could nest without end.
const deepest = 12;

/** What is in an object or a list; each branch in it opens on its own. */
export function Branch({ node, sought, depth = 0 }: { node: Node; sought: string; depth?: number }) {
  const [shown, setShown] = useState(page);
  const all = childrenOf(node).filter(([key, child]) => holds(key, child, sought));
  return (
    <ul className="mt-0.5 flex flex-col gap-0.5 border-l border-line pl-2.5 font-mono text-xs">
      {all.slice(0, shown).map(([key, child]) => (
        <li key={key}>
          <Twig name={key} node={child} sought={sought} depth={depth} />
        </li>
      ))}
      {all.length > shown && (
        <li>
          <button type="button" onClick={() => setShown(shown + page)} className="-ml-1 rounded px-1 font-sans text-sm font-medium text-accent hover:underline">
            {words.showMore(Math.min(page, all.length - shown), all.length)}
          </button>
        </li>
      )}
    </ul>
  );
}

function Twig({ name, node, sought, depth }: { name: string; node: Node; sought: string; depth: number }) {
  const [open, setOpen] = useState<boolean | null>(null);
  const isOpen = open ?? (sought !== "" && !name.toLowerCase().includes(sought));
  if (!isBranch(node) || depth >= deepest) {
    const long = asText(node);
    if (long.length > 80) {
      return (
        <>
          <bdi className="text-faint">{visible(name)}</bdi>
          <Clipped value={long} />
        </>
      );
    }
    return (
      <p className="flex items-baseline gap-2">
        <bdi className="min-w-0 wrap-anywhere text-faint">{visible(name)}</bdi>
        <bdi className="ml-auto text-right wrap-anywhere text-dim select-text">{visible(long)}</bdi>
      </p>
    );
  }
  return (
    <>
      <button type="button" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)} className="-ml-1 flex max-w-full items-center gap-1 rounded px-1 text-left text-dim hover:bg-hover hover:text-text">
        <ChevronRight aria-hidden size={11} className={cx("shrink-0 transition-transform", isOpen && "rotate-90")} />
        <bdi className="wrap-anywhere">{visible(name)}</bdi>
        <span className="shrink-0 text-faint">{words.inside(Object.keys(node).length)}</span>
      </button>
      {isOpen && <Branch node={node} sought={name.toLowerCase().includes(sought) ? "" : sought} depth={depth + 1} />}
    </>
  );
}
