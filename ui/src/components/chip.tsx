import { X } from "lucide-react";
import type { ButtonHTMLAttributes, ReactNode, Ref } from "react";

import { cx } from "./cx";

export const chipLook = (on: boolean) =>
  cx(
    "inline-flex h-6.5 shrink-0 items-center gap-1.5 rounded-full border px-2.5 text-sm whitespace-nowrap transition-colors",
    on ? "border-accent bg-wash text-text" : "border-line bg-panel text-dim hover:border-line2 hover:text-text",
  );

interface ChipProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  on: boolean;
  amount?: string;
  ref?: Ref<HTMLButtonElement>;
  children: ReactNode;
}

/** Spreads what it is given, so that a menu can make it its trigger. */
export function Chip({ on, amount, children, ...rest }: ChipProps) {
  return (
    <button type="button" className={chipLook(on)} {...rest}>
      {children}
      {amount !== undefined && <span className={cx("tabular-nums", on ? "text-dim" : "text-faint")}>{amount}</span>}
    </button>
  );
}

/** A filter that is on and set elsewhere; a click takes it away. */
export function RemovableChip({ label, children, onRemove }: { label: string; children: ReactNode; onRemove: () => void }) {
  return (
    <button type="button" className={chipLook(true)} aria-label={label} onClick={onRemove}>
      {children}
      <X aria-hidden size={12} />
    </button>
  );
}
