/**
 * Menus with check marks. Not modal: a modal one locks scrolling with a style element, which the content policy
 * refuses. Not in a portal: they stay inside the landmark they belong to.
 */
import { Check, ChevronDown } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import type { ReactNode } from "react";

import { cx } from "./cx";

const itemLook =
  "relative flex h-7.5 items-center gap-2 rounded pr-2.5 pl-7 text-base text-text outline-none select-none data-highlighted:bg-hover data-disabled:text-faint";

const contentLook =
  "z-40 max-h-(--radix-dropdown-menu-content-available-height) min-w-44 animate-appear overflow-y-auto rounded-lg bg-raised p-1 shadow-pop";

export function Menu({
  trigger,
  label,
  children,
  align = "start",
}: {
  trigger: ReactNode;
  label: string;
  children: ReactNode;
  align?: "start" | "end";
}) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
        <DropdownMenu.Content
          aria-label={label}
          align={align}
          sideOffset={5}
          collisionPadding={8}
          className={contentLook}
        >
          {children}
        </DropdownMenu.Content>
    </DropdownMenu.Root>
  );
}

export function MenuCheck({
  checked,
  onToggle,
  children,
  detail,
}: {
  checked: boolean;
  onToggle: () => void;
  children: ReactNode;
  detail?: ReactNode;
}) {
  return (
    <DropdownMenu.CheckboxItem
      checked={checked}
      onCheckedChange={onToggle}
      // Ticking several without opening the menu again.
      onSelect={(event) => event.preventDefault()}
      className={itemLook}
    >
      <Mark />
      <span className="truncate">{children}</span>
      {detail !== undefined && <span className="ml-auto pl-4 text-sm text-faint tabular-nums">{detail}</span>}
    </DropdownMenu.CheckboxItem>
  );
}

export function MenuChoice<T extends string>({
  value,
  options,
  onChange,
}: {
  value: T;
  options: readonly { value: T; label: string }[];
  onChange: (value: T) => void;
}) {
  return (
    <DropdownMenu.RadioGroup value={value}>
      {options.map((option) => (
        <DropdownMenu.RadioItem
          key={option.value}
          value={option.value}
          onSelect={() => onChange(option.value)}
          className={itemLook}
        >
          <Mark />
          {option.label}
        </DropdownMenu.RadioItem>
      ))}
    </DropdownMenu.RadioGroup>
  );
}

export function MenuItem({ onChoose, children }: { onChoose: () => void; children: ReactNode }) {
  return (
    <DropdownMenu.Item onSelect={onChoose} className={itemLook}>
      {children}
    </DropdownMenu.Item>
  );
}

/** Words where there is nothing to choose. */
export function MenuNote({ children }: { children: ReactNode }) {
  return <DropdownMenu.Label className="max-w-64 px-2.5 py-1.5 text-sm text-dim">{children}</DropdownMenu.Label>;
}

export function MenuLine() {
  return <DropdownMenu.Separator className="mx-1 my-1 h-px bg-line" />;
}

function Mark() {
  return (
    <DropdownMenu.ItemIndicator className="absolute left-2 text-accent">
      <Check aria-hidden size={14} strokeWidth={2.5} />
    </DropdownMenu.ItemIndicator>
  );
}

export function Caret({ className }: { className?: string }) {
  return <ChevronDown aria-hidden size={13} className={cx("text-faint", className)} />;
}

export interface Point {
  x: number;
  y: number;
}

/** A menu at a place on the page, for a right click or the menu key. It is there as long as it is open. */
export function MenuAt({
  at,
  label,
  children,
  onClose,
  onClosed,
}: {
  at: Point;
  label: string;
  children: ReactNode;
  onClose: () => void;
  /** Where the focus goes. */
  onClosed: () => void;
}) {
  return (
    <DropdownMenu.Root open modal={false} onOpenChange={(open) => !open && onClose()}>
      <DropdownMenu.Trigger asChild>
        <button type="button" tabIndex={-1} aria-label={label} className="pointer-events-none fixed size-0" style={{ left: at.x, top: at.y }} />
      </DropdownMenu.Trigger>
      <DropdownMenu.Content
        aria-label={label}
        align="start"
        sideOffset={2}
        collisionPadding={8}
        onCloseAutoFocus={(event) => {
          event.preventDefault();
          onClosed();
        }}
        className={contentLook}
      >
        {children}
      </DropdownMenu.Content>
    </DropdownMenu.Root>
  );
}
