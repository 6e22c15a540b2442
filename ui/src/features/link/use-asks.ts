/**
 * Which request is shown. One at a time, the oldest; never over another dialog; and what somebody has put off does not
 * come back by itself.
 */
import { useState } from "react";

import { useLink } from "../../api/link";
import { useReadOnly } from "../../api/read-only";
import type { LinkAsk } from "../../bindings/LinkAsk";
import type { LinkSite } from "../../bindings/LinkSite";
import { useModalOpen } from "../../components/use-modal";
import { keyOf } from "./state";

export interface Asks {
  shown: LinkAsk | null;
  /** How many wait besides. */
  others: number;
  /** All that wait now: whoever does not want to decide is not asked one by one. */
  putOff: () => void;
  /** Shows what this site asks, also what was put off. */
  decide: (site: LinkSite) => void;
}

const none: LinkAsk[] = [];
const nothing: ReadonlySet<string> = new Set();

export function useAsks(): Asks {
  const requests = useLink().data?.requests ?? none;
  // Who may only look is not interrupted by what they cannot answer.
  const readOnly = useReadOnly();
  const busy = useModalOpen();
  const [later, setLater] = useState(nothing);
  const [open, setOpen] = useState<string | null>(null);
  const shown = requests.find((ask) => keyOf(ask) === open) ?? null;
  const next = readOnly || busy ? undefined : requests.find((ask) => !later.has(keyOf(ask)));
  if (shown === null) {
    const wanted = next === undefined ? null : keyOf(next);
    if (wanted !== open) setOpen(wanted);
  }
  return {
    shown,
    others: Math.max(0, requests.length - 1),
    putOff: () => {
      setLater(new Set(requests.map(keyOf)));
      setOpen(null);
    },
    decide: (site) => {
      const first = requests.find((ask) => ask.site === site);
      if (first === undefined) return;
      setLater(nothing);
      setOpen(keyOf(first));
    },
  };
}
