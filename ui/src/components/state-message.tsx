/** What a view shows when it has nothing else to show: empty, failed, away. */
import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";

import { cx } from "./cx";

export function StateMessage({
  icon: Icon,
  title,
  hint,
  children,
  alert = false,
  alone = false,
}: {
  icon: LucideIcon;
  title: ReactNode;
  hint?: ReactNode;
  children?: ReactNode;
  alert?: boolean;
  /** Nothing else is on the page. */
  alone?: boolean;
}) {
  const Heading = alone ? "h1" : "h2";
  return (
    <div role={alert ? "alert" : undefined} className="m-auto flex w-full max-w-md flex-col items-center px-6 py-12 text-center">
      <Icon aria-hidden size={26} strokeWidth={1.6} className={cx("mb-3", alert ? "text-bad" : "text-faint")} />
      <Heading className="max-w-full text-lg font-semibold wrap-anywhere">{title}</Heading>
      {hint !== undefined && <p className="mt-1.5 max-w-full wrap-anywhere text-dim">{hint}</p>}
      {children !== undefined && <div className="mt-4 flex flex-wrap justify-center gap-2">{children}</div>}
    </div>
  );
}

const roles = { bad: "alert", warn: "status", calm: "note" } as const;
const washes = { bad: "bg-bad-wash", warn: "bg-warn-wash", calm: "border border-line bg-raised" } as const;

/** A line that says what failed and what to do, or (`calm`) what is good to know, inside a view that goes on. */
export function Notice({ tone, children, action }: { tone: "bad" | "warn" | "calm"; children: ReactNode; action?: ReactNode }) {
  return (
    <div
      role={roles[tone]}
      className={cx(
        "flex items-start gap-3 rounded-lg px-3 py-2 text-text",
        washes[tone],
      )}
    >
      <div className="min-w-0 flex-1 wrap-anywhere">{children}</div>
      {action}
    </div>
  );
}
