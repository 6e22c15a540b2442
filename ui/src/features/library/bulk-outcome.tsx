import { X } from "lucide-react";

import { IconButton } from "../../components/button";
import { Notice } from "../../components/state-message";
import { ErrorWords } from "../../components/wire-error";
import { text } from "../../text";
import { Outcome as VaultOutcome } from "../vault/outcome";
import type { Bulk } from "./use-bulk";

/** What came of something that was done to many. */
export function BulkOutcome({ bulk }: { bulk: Pick<Bulk, "outcome" | "forget"> }) {
  const { outcome, forget } = bulk;
  if (outcome === null) return null;
  const close = (
    <IconButton small label={text.common.close} onClick={forget}>
      <X aria-hidden size={13} />
    </IconButton>
  );
  const { error, warning, said } = outcome;
  return (
    <div className="flex max-h-40 shrink-0 flex-col gap-2 overflow-y-auto px-4 pb-2" tabIndex={-1}>
      {error != null ? (
        <Notice tone="bad" action={close}>
          <ErrorWords error={error} />
        </Notice>
      ) : (
        <Notice tone={warning === null ? "calm" : "warn"} action={close}>
          {[said, warning].filter(Boolean).join(". ")}
        </Notice>
      )}
      <VaultOutcome error={null} asked={{ reports: [], unasked: 0 }} changes={outcome.vault} />
    </div>
  );
}
