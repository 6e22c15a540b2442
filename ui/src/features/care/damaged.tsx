import { ArrowDownToLine } from "lucide-react";

import type { Damage } from "../../bindings/Damage";
import type { Damaged } from "../../bindings/Damaged";
import { ChangeButton } from "../../api/read-only";
import { PathLine } from "../../components/path-line";
import { text } from "../../text";
import { nameOf } from "../library/item";
import { FileRow, QueueOutcome, Rows, TrashButton, useDownloadsOf } from "./row";
import type { Tone } from "./row";

const words = text.care;

const tones: Record<Damage, Tone> = { too_short: "bad", too_long: "warn", no_header: "bad", header_altered: "calm", not_as_recorded: "warn" };

export function DamagedList({ files, scroller }: { files: readonly (Damaged & { list: "damaged" })[]; scroller: HTMLElement | null }) {
  const { bring, state, pending } = useDownloadsOf();
  return (
    <>
      {files.some(({ again }) => again !== null) && <p className="text-sm text-faint">{words.againHint}</p>}
      <QueueOutcome state={state} pending={pending} />
      <Rows
        findings={files}
        scroller={scroller}
        usualHeight={100}
        row={({ item, sign, promised, again }) => (
          <FileRow
            item={item}
            said={words.sign(sign, item.size, promised)}
            tone={tones[sign]}
            actions={
              <>
                {again !== null && (
                  <ChangeButton small disabled={pending} aria-label={words.againOne(nameOf(item))} onClick={() => bring([{ what: String(again.version_id), file: again.file_id }])}>
                    <ArrowDownToLine aria-hidden size={13} />
                    {words.again}
                  </ChangeButton>
                )}
                <TrashButton item={item} />
              </>
            }
          >
            <PathLine path={item.path} />
          </FileRow>
        )}
      />
    </>
  );
}
