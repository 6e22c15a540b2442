import { ChevronRight } from "lucide-react";

import type { HeaderInfo } from "../../bindings/HeaderInfo";
import { text } from "../../text";

/** What the file says about itself. */
export function Header({ header }: { header: HeaderInfo }) {
  return (
    <details className="group">
      <summary className="flex h-6 list-none items-center gap-1 rounded text-sm font-semibold text-faint hover:text-text [&::-webkit-details-marker]:hidden">
        <ChevronRight aria-hidden size={13} className="-ml-0.5 transition-transform group-open:rotate-90" />
        {text.inspector.header}
        <span className="ml-auto font-normal">{text.inspector.headerCount(header.tensors, header.metadata.length)}</span>
      </summary>
      {header.metadata.length > 0 && (
        <dl className="mt-1.5 flex flex-col gap-2 text-sm">
          {header.metadata.map(([key, value]) => (
            <div key={key}>
              <dt className="font-mono text-xs wrap-anywhere text-faint">{key}</dt>
              <dd className="line-clamp-6 font-mono text-xs wrap-anywhere text-dim select-text">{value}</dd>
            </div>
          ))}
        </dl>
      )}
    </details>
  );
}
