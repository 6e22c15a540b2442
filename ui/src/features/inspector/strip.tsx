import { Play } from "lucide-react";
import { useEffect, useRef } from "react";
import type { KeyboardEvent, ReactNode } from "react";

import { cx } from "../../components/cx";
import { text } from "../../text";
import type { Shot } from "./shots";

/** One small picture for each preview. A toolbar: Tab comes to the one that is shown, the arrows go on. */
export function Strip({ shots, at, onAt, thumb }: { shots: readonly Shot[]; at: number; onAt: (at: number) => void; thumb: (shot: Shot) => ReactNode }) {
  const bar = useRef<HTMLDivElement>(null);
  useEffect(() => {
    bar.current?.children[at]?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [at]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: shots.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = Math.max(0, Math.min(shots.length - 1, to));
    onAt(next);
    const button = bar.current?.children[next];
    if (button instanceof HTMLElement) button.focus();
  };
  return (
    <div ref={bar} role="toolbar" aria-label={text.inspector.previews} onKeyDown={onKeyDown} className="flex gap-1.5 overflow-x-auto px-4 pt-3 pb-1">
      {shots.map((each, index) => (
        <button
          key={each.which}
          type="button"
          tabIndex={index === at ? 0 : -1}
          aria-label={(each.video ? text.inspector.videoAt : text.inspector.preview)(index + 1, shots.length)}
          aria-pressed={index === at}
          onClick={() => onAt(index)}
          className={cx(
            "relative size-9.5 shrink-0 overflow-hidden rounded border-2",
            index === at ? "border-accent" : "border-transparent opacity-80 hover:opacity-100",
          )}
        >
          {thumb(each)}
          {each.video && <Play aria-hidden size={12} fill="currentColor" className="absolute right-0.5 bottom-0.5 rounded-sm bg-scrim p-px text-on-scrim" />}
        </button>
      ))}
    </div>
  );
}
