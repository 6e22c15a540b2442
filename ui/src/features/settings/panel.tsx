import { useId } from "react";
import type { ReactNode } from "react";

export function Panel({ title, lead, children }: { title: string; lead?: string; children: ReactNode }) {
  const id = useId();
  return (
    <section aria-labelledby={id}>
      <h2 id={id} className="text-lg font-semibold tracking-tight">
        {title}
      </h2>
      {lead !== undefined && <p className="mt-0.5 text-dim">{lead}</p>}
      <div className="mt-3 overflow-hidden rounded-xl border border-line bg-panel">{children}</div>
    </section>
  );
}

export function PanelRow({ children }: { children: ReactNode }) {
  return <div className="border-b border-line px-4 py-3 empty:hidden last:border-b-0">{children}</div>;
}

/** A label with its hint on the left, the control on the right. */
export function Choice({ label, hint, children }: { label: string; hint?: string; children: ReactNode }) {
  return (
    <PanelRow>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <div className="min-w-48 flex-1">
          <p className="font-medium">{label}</p>
          {hint !== undefined && <p className="mt-0.5 text-sm text-dim">{hint}</p>}
        </div>
        {children}
      </div>
    </PanelRow>
  );
}
