import { ChevronRight } from "lucide-react";
import { useDeferredValue, useState } from "react";

import type { HeaderInfo } from "../../bindings/HeaderInfo";
import { text } from "../../text";
import { Entry } from "./header-entry";
import { holds } from "./tree";

// A few entries are seen at a glance.
const worthSearching = 6;
const most = 200;

/** What the file says about itself. Nothing of it is drawn before it is opened. */
export function Header({ header }: { header: HeaderInfo }) {
  const words = text.inspector.metadata;
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState("");
  const sought = useDeferredValue(typed.trim().toLowerCase());
  const found = open ? header.metadata.filter(([key, value]) => holds(key, value, sought)) : [];
  return (
    <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)} className="group">
      <summary className="flex h-6 list-none items-center gap-1 rounded text-sm font-semibold text-faint hover:text-text [&::-webkit-details-marker]:hidden">
        <ChevronRight aria-hidden size={13} className="-ml-0.5 transition-transform group-open:rotate-90" />
        {text.inspector.header}
        <span className="ml-auto font-normal">{text.inspector.headerCount(header.tensors, header.metadata.length)}</span>
      </summary>
      {open && header.metadata.length > 0 && (
        <div className="mt-1.5">
          {header.metadata.length > worthSearching && (
            <input
              type="text"
              aria-label={words.search}
              placeholder={words.search}
              value={typed}
              maxLength={200}
              onChange={(event) => setTyped(event.target.value)}
              autoComplete="off"
              spellCheck={false}
              className="mb-1.5 h-7 w-full rounded-lg border border-line bg-raised px-2.5 text-sm"
            />
          )}
          {sought !== "" && (
            <p role="status" className="pb-1 text-sm text-faint">
              {words.found(found.length)}
            </p>
          )}
          <ul className="flex flex-col gap-2 text-sm">
            {found.slice(0, most).map(([key, value]) => (
              <li key={key}>
                <Entry name={key} value={value} sought={sought} />
              </li>
            ))}
          </ul>
          {found.length > most && <p className="pt-2 text-sm text-faint">{words.more(found.length - most)}</p>}
        </div>
      )}
    </details>
  );
}
