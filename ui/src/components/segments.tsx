/** A few choices of which one holds, side by side. Native radio buttons, so the keyboard works as it should. */
import { useId } from "react";
import type { ReactNode } from "react";

import { cx } from "./cx";

export function Segments<T extends string | number>({
  label,
  value,
  options,
  onChange,
  iconOnly = false,
}: {
  label: string;
  value: T;
  options: readonly { value: T; label: string; icon?: ReactNode }[];
  onChange: (value: T) => void;
  iconOnly?: boolean;
}) {
  const name = useId();
  return (
    <div role="radiogroup" aria-label={label} className="inline-flex shrink-0 rounded-lg border border-line bg-raised p-0.5 shadow-card">
      {options.map((option) => (
        <label
          key={option.value}
          title={iconOnly ? option.label : undefined}
          className={cx(
            "relative flex h-6.5 items-center gap-1.5 rounded px-2.5 font-medium text-dim transition-colors select-none hover:text-text",
            "has-checked:bg-wash has-checked:text-text has-disabled:pointer-events-none has-disabled:opacity-60 has-focus-visible:outline-2 has-focus-visible:outline-accent",
          )}
        >
          <input
            type="radio"
            name={name}
            className="absolute inset-0 size-full appearance-none opacity-0"
            checked={option.value === value}
            onChange={() => onChange(option.value)}
            aria-label={iconOnly ? option.label : undefined}
          />
          {option.icon}
          {!iconOnly && option.label}
        </label>
      ))}
    </div>
  );
}
