import { ArrowDownToLine } from "lucide-react";

import type { Missing } from "../../bindings/Missing";
import { ChangeButton } from "../../api/read-only";
import { PathLine } from "../../components/path-line";
import { useNow } from "../../components/use-now";
import { text } from "../../text";
import { nameOf } from "../library/item";
import { FileRow, QueueOutcome, Rows, useDownloadsOf } from "./row";

const words = text.care;

export function MissingList({ files, scroller }: { files: readonly (Missing & { list: "missing" })[]; scroller: HTMLElement | null }) {
  const now = useNow();
  const { bring, state, pending } = useDownloadsOf();
  return (
    <>
      <QueueOutcome state={state} pending={pending} />
      <Rows
        findings={files}
        scroller={scroller}
        usualHeight={84}
        row={({ item, gone_at, again }) => (
          <FileRow
            item={item}
            gone={gone_at !== null}
            said={gone_at === null ? words.away : words.gone(gone_at, now)}
            tone={gone_at === null ? "warn" : "calm"}
            actions={
              again !== null ? (
                <ChangeButton small disabled={pending} aria-label={words.againOne(nameOf(item))} onClick={() => bring([{ what: String(again.version_id), file: again.file_id }])}>
                  <ArrowDownToLine aria-hidden size={13} />
                  {words.again}
                </ChangeButton>
              ) : (
                gone_at === null && (
                  <a href="#/settings" className="inline-flex h-7 items-center rounded text-sm text-accent underline underline-offset-2">
                    {words.awayDo}
                  </a>
                )
              )
            }
          >
            <PathLine path={item.path} />
          </FileRow>
        )}
      />
    </>
  );
}
