import type { ButtonHTMLAttributes, Ref } from "react";

import { cx } from "./cx";

type Look = "plain" | "primary" | "quiet" | "danger";

const looks: Record<Look, string> = {
  plain: "border-line bg-raised text-text shadow-card hover:bg-hover",
  primary: "border-transparent bg-accent-strong text-accent-ink font-semibold hover:brightness-108",
  quiet: "border-transparent bg-transparent text-dim hover:bg-hover hover:text-text",
  danger: "border-transparent bg-bad-strong text-bad-ink font-semibold hover:brightness-108",
};

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: Look;
  small?: boolean;
  ref?: Ref<HTMLButtonElement>;
}

export function Button({ look = "plain", small = false, className, type = "button", ...rest }: ButtonProps) {
  return (
    <button
      type={type}
      className={cx(
        "inline-flex shrink-0 items-center justify-center gap-1.5 rounded-lg border font-medium whitespace-nowrap transition-colors",
        "disabled:pointer-events-none disabled:opacity-55 aria-disabled:opacity-55",
        small ? "h-7 px-2.5 text-sm" : "h-8 px-3",
        looks[look],
        className,
      )}
      {...rest}
    />
  );
}

export interface IconButtonProps extends Omit<ButtonProps, "look"> {
  /** Read aloud, and shown while the pointer rests on it. */
  label: string;
  pressed?: boolean;
}

export function IconButton({ label, pressed, className, small = false, type = "button", ...rest }: IconButtonProps) {
  return (
    <button
      type={type}
      aria-label={label}
      title={label}
      aria-pressed={pressed}
      className={cx(
        "inline-grid shrink-0 place-items-center rounded text-dim transition-colors hover:bg-hover hover:text-text disabled:pointer-events-none disabled:opacity-50",
        pressed === true && "bg-wash text-text",
        small ? "size-6" : "size-8",
        className,
      )}
      {...rest}
    />
  );
}
