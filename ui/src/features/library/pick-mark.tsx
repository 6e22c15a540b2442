/**
 * What a pointer finds on a card or row. Not buttons: a list's rows hold none, and the keyboard has Space and the menu
 * key for them. A click on them is told by `data-mark`.
 */
import { Check, Ellipsis } from "lucide-react";

import { cx } from "../../components/cx";
import { text } from "../../text";

export function PickMark({ picked, picking, className }: { picked: boolean; picking: boolean; className: string }) {
  return (
    <span
      aria-hidden
      data-mark="pick"
      title={text.selection.pick}
      className={cx("grid size-7 place-items-center", !picked && !picking && "opacity-0 group-hover:opacity-100 pointer-coarse:hidden", className)}
    >
      <span
        className={cx(
          "grid size-4.5 place-items-center rounded-full border",
          picked ? "border-transparent bg-accent-strong text-accent-ink" : "border-on-scrim bg-scrim",
        )}
      >
        {picked && <Check size={12} strokeWidth={3} />}
      </span>
    </span>
  );
}

export function MoreMark({ className }: { className: string }) {
  return (
    <span
      aria-hidden
      data-mark="menu"
      title={text.selection.more}
      className={cx("grid size-6 place-items-center rounded text-dim opacity-0 group-hover:opacity-100 hover:text-text pointer-coarse:opacity-100", className)}
    >
      <Ellipsis size={15} />
    </span>
  );
}

/** Which mark was clicked, if one was. */
export function markAt(target: EventTarget): { mark: "pick" | "menu"; element: Element } | null {
  const element = target instanceof Element ? target.closest("[data-mark]") : null;
  const mark = element?.getAttribute("data-mark");
  return element && (mark === "pick" || mark === "menu") ? { mark, element } : null;
}
