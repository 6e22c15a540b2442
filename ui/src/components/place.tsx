/** A place of the page that is read from top to bottom: a heading, what it is for, and what is in it. */
import { useState } from "react";
import type { ReactNode } from "react";

import { cx } from "./cx";

interface PlaceProps {
  title: string;
  /** Beside or below the heading. */
  lead?: ReactNode;
  narrow?: boolean;
  /** What is in it. A long list needs the element that scrolls, which is not there at first. */
  children: ReactNode | ((scroller: HTMLElement | null) => ReactNode);
}

export function Place({ title, lead, narrow = false, children }: PlaceProps) {
  const [main, setMain] = useState<HTMLElement | null>(null);
  return (
    <main ref={setMain} id="main" aria-label={title} className="min-h-0 min-w-0 flex-1 overflow-y-auto outline-none" tabIndex={-1}>
      <div className={cx("mx-auto flex min-h-full flex-col gap-5 px-6 py-6 phone:px-4", narrow ? "max-w-2xl" : "max-w-3xl")}>
        <div className="flex flex-wrap items-baseline gap-x-3">
          <h1 className="text-xl font-semibold tracking-tight">{title}</h1>
          {lead}
        </div>
        {typeof children === "function" ? children(main) : children}
      </div>
    </main>
  );
}

/** What a place is for, below its heading. */
export function Lead({ children }: { children: ReactNode }) {
  return <p className="mt-0.5 w-full text-dim">{children}</p>;
}
