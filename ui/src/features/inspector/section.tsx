import { useId } from "react";
import type { ReactNode } from "react";

export function Section({ title, action, children }: { title: string; action?: ReactNode; children: ReactNode }) {
  const id = useId();
  return (
    <section aria-labelledby={id}>
      <div className="mb-1.5 flex min-h-6 items-center justify-between gap-2">
        <h3 id={id} className="text-sm font-semibold text-faint">
          {title}
        </h3>
        {action}
      </div>
      {children}
    </section>
  );
}
