import { ArrowDownToLine } from "lucide-react";

import type { Risk } from "../../bindings/Risk";
import type { Unsafe } from "../../bindings/Unsafe";
import { ChangeButton } from "../../api/read-only";
import { PathLine } from "../../components/path-line";
import { text } from "../../text";
import { visible } from "../../text/visible";
import { nameOf } from "../library/item";
import { FileRow, QueueOutcome, Rows, TrashButton, useDownloadsOf } from "./row";
import type { Tone } from "./row";

const words = text.care;

const tones: Record<Risk, Tone> = { virus: "bad", code: "bad", scan_failed: "warn", not_scanned: "warn", unknown: "calm" };

export function UnsafeList({ files, scroller }: { files: readonly (Unsafe & { list: "unsafe" })[]; scroller: HTMLElement | null }) {
  const { bring, state, pending } = useDownloadsOf();
  return (
    <>
      <QueueOutcome state={state} pending={pending} />
      <Rows
        findings={files}
        scroller={scroller}
        usualHeight={100}
        row={({ item, risk, message, safer }) => (
          <FileRow
            item={item}
            said={words.risk(risk)}
            tone={tones[risk]}
            actions={
              <>
                {safer !== null && safer.here === null && (
                  <ChangeButton small disabled={pending} aria-label={words.saferOne(nameOf(item))} onClick={() => bring([{ what: String(safer.version_id), file: safer.file_id }])}>
                    <ArrowDownToLine aria-hidden size={13} />
                    {words.downloadSafer}
                  </ChangeButton>
                )}
                <TrashButton item={item} />
              </>
            }
          >
            {message !== null && <p className="mt-1 max-h-24 overflow-y-auto rounded bg-raised px-2 py-1 font-mono text-xs whitespace-pre-wrap wrap-anywhere text-dim">{visibleLines(message)}</p>}
            <PathLine path={item.path} />
            {safer !== null && (
              <p className="text-sm wrap-anywhere text-dim">
                {safer.here === null ? (
                  words.safer(visible(safer.name), safer.size)
                ) : (
                  <>
                    {words.saferHere(visible(safer.name))}{" "}
                    <a href={`#/library/${safer.here}`} className="rounded text-accent underline underline-offset-2">
                      {words.saferShow}
                    </a>
                  </>
                )}
              </p>
            )}
          </FileRow>
        )}
      />
    </>
  );
}

/** A stranger's words, line by line. */
function visibleLines(message: string): string {
  return message.split(/\r?\n/).map(visible).join("\n");
}
