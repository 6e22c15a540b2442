/** A message at the foot of the page that goes by itself, but not while somebody reads it or is in it. */
import { X } from "lucide-react";
import { useEffect, useState } from "react";
import type { ReactNode } from "react";

import { IconButton } from "./button";

export function Toast({
  label,
  close,
  duration,
  children,
  onClose,
}: {
  label: string;
  close: string;
  /** Milliseconds; `null`: until it is closed. */
  duration: number | null;
  children: ReactNode;
  onClose: () => void;
}) {
  const [over, setOver] = useState(false);
  const [within, setWithin] = useState(false);
  const held = over || within;
  useEffect(() => {
    if (held || duration === null) return;
    const timer = setTimeout(onClose, duration);
    return () => clearTimeout(timer);
  }, [held, duration, onClose]);
  return (
    <section
      aria-label={label}
      onPointerEnter={() => setOver(true)}
      onPointerLeave={() => setOver(false)}
      onFocus={() => setWithin(true)}
      onBlur={(event) => setWithin(event.currentTarget.contains(event.relatedTarget))}
      className="absolute bottom-16 left-1/2 z-30 flex w-max max-w-[min(34rem,calc(100%-2rem))] -translate-x-1/2 animate-appear items-start gap-2 rounded-xl bg-raised py-2 pr-2 pl-4 shadow-pop"
    >
      <div className="flex min-w-0 flex-1 flex-wrap items-center gap-x-3 gap-y-1.5 py-1 wrap-anywhere">{children}</div>
      <IconButton label={close} className="-my-0.5" onClick={onClose}>
        <X aria-hidden size={14} />
      </IconButton>
    </section>
  );
}
