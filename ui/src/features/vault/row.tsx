import { ArchiveX, ArrowDownToLine, SlidersHorizontal } from "lucide-react";
import { memo } from "react";

import { Changing } from "../../api/read-only";
import type { VaultEntry } from "../../bindings/VaultEntry";
import { Button, IconButton } from "../../components/button";
import { format, text } from "../../text";
import { StateDot } from "../library/cover";
import { isMissing, titleOf } from "./filter";
import { visible } from "../../text/visible";

const words = text.vault;

/** Drawn again only when it changes: scrolling draws the rows around it. */
export const Row = memo(function Row({
  entry,
  selected,
  underway,
  asking,
  onSelect,
  onDownload,
  onChoose,
  onTakeOut,
}: {
  entry: VaultEntry;
  selected: boolean;
  underway: boolean;
  /** Something is being put into the queue. */
  asking: boolean;
  onSelect: (entry: VaultEntry) => void;
  onDownload: (entry: VaultEntry) => void;
  /** Parts, file and folder. */
  onChoose: (entry: VaultEntry) => void;
  onTakeOut: (entry: VaultEntry) => void;
}) {
  const { item, files } = entry;
  const title = titleOf(entry);
  const missing = isMissing(entry);
  const status = words.status[item.status];
  const about = [text.kind(item.kind), item.base_model, item.creator, format.bytes(item.model_size)].filter(Boolean).join(" · ");
  const file = files[0];
  return (
    <div className="flex items-center gap-3 px-4 py-2.5 hover:bg-hover phone:flex-wrap">
      <Changing>
        <input type="checkbox" aria-label={words.select(title)} checked={selected} onChange={() => onSelect(entry)} className="size-4 shrink-0 accent-(--accent)" />
      </Changing>
      <div className="min-w-0 flex-1">
        <p className="truncate font-medium" title={title}>
          <bdi>{visible(item.model_name)}</bdi>
          {item.version_name !== "" && <span className="ml-1.5 text-sm font-normal text-dim"><bdi>{visible(item.version_name)}</bdi></span>}
        </p>
        <p className="truncate text-sm text-dim">{about}</p>
        {status !== null && (
          <p className={item.status === "failed" ? "text-sm wrap-anywhere text-bad" : "text-sm text-warn"}>
            {item.failure === null ? status : `${status}: ${item.failure}`}
          </p>
        )}
      </div>
      <div className="flex shrink-0 items-center gap-2 phone:w-full phone:pl-7">
        <span className="mr-auto inline-flex w-24 items-center gap-2 text-sm text-dim">
          <StateDot tone={underway ? "probable" : missing ? "faint" : "good"} />
          {underway ? words.onItsWay : missing ? words.isMissing : words.isHere}
        </span>
        {missing ? (
          <Changing>
            <Button small className="w-28" disabled={underway || asking} aria-label={words.downloadOne(title)} onClick={() => onDownload(entry)}>
              <ArrowDownToLine aria-hidden size={13} />
              {words.download}
            </Button>
          </Changing>
        ) : (
          <a
            href={`#/library/${file ?? ""}`}
            aria-label={words.showOne(title)}
            className="w-28 rounded text-center text-sm text-accent underline underline-offset-2"
          >
            {words.show}
          </a>
        )}
        <Changing>
          <IconButton small label={words.chooseOne(title)} disabled={asking} onClick={() => onChoose(entry)}>
            <SlidersHorizontal aria-hidden size={14} />
          </IconButton>
          <IconButton small label={words.takeOutOne(title)} onClick={() => onTakeOut(entry)}>
            <ArchiveX aria-hidden size={14} />
          </IconButton>
        </Changing>
      </div>
    </div>
  );
});
