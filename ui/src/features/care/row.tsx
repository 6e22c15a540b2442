/** What the rows of every list are made of. */
import type { ReactNode } from "react";

import { useQueueDownloads } from "../../api/care";
import type { Queued } from "../../api/care";
import { useSettings } from "../../api/settings";
import type { DownloadRequest } from "../../bindings/DownloadRequest";
import type { Finding } from "../../bindings/Finding";
import type { LibraryItem } from "../../bindings/LibraryItem";
import { announce } from "../../components/announce";
import { ChangeButton } from "../../api/read-only";
import { LongList } from "../../components/long-list";
import { Notice } from "../../components/state-message";
import { ErrorWords } from "../../components/wire-error";
import { format, text } from "../../text";
import { visible } from "../../text/visible";
import { subjectOf } from "../files/subject";
import { useFileActions } from "../files/file-actions";
import { Cover } from "../library/cover";
import { nameOf } from "../library/item";
import { idOf } from "./list";

const words = text.care;

export type Tone = "bad" | "warn" | "calm";
const tones: Record<Tone, string> = { bad: "text-bad", warn: "text-warn", calm: "text-dim" };

/** A list of findings, of which only what is on screen is drawn. */
export function Rows<F extends Finding>({ findings, scroller, usualHeight, row }: { findings: readonly F[]; scroller: HTMLElement | null; usualHeight: number; row: (finding: F) => ReactNode }) {
  const items = findings.map((finding) => ({ id: idOf(finding), finding }));
  return <LongList items={items} scroller={scroller} usualHeight={usualHeight} row={({ finding }) => row(finding)} />;
}

/** One file: its picture, its name, what is said of it, and what can be done. */
export function FileRow({
  item,
  gone = false,
  about,
  said,
  tone = "calm",
  children,
  actions,
}: {
  item: LibraryItem;
  /** No longer in the library, so that nothing leads to it there. */
  gone?: boolean;
  about?: ReactNode;
  said: ReactNode;
  tone?: Tone;
  children?: ReactNode;
  actions: ReactNode;
}) {
  return (
    <div className="flex items-start gap-3 px-4 py-3 phone:flex-wrap">
      <Thumb item={item} />
      <div className="min-w-0 flex-1">
        <Title item={item} gone={gone} />
        <p className="truncate text-sm text-dim">{about ?? aboutOf(item)}</p>
        <p className={`text-sm wrap-anywhere ${tones[tone]}`}>{said}</p>
        {children}
      </div>
      <div className="flex shrink-0 flex-wrap justify-end gap-2 phone:w-full phone:pl-14">{actions}</div>
    </div>
  );
}

export function Thumb({ item }: { item: LibraryItem }) {
  const settings = useSettings();
  return (
    <span className="relative size-11 shrink-0 overflow-hidden rounded-lg bg-raised">
      <Cover item={item} settings={settings.data} small />
    </span>
  );
}

/** The name, which leads to the file where it still is in the library. */
export function Title({ item, gone = false }: { item: LibraryItem; gone?: boolean }) {
  const name = nameOf(item);
  const version = item.version_name;
  const shown = version === null || version === "" ? null : visible(version);
  return (
    <p className="truncate font-medium" title={[name, shown].filter(Boolean).join(" ")}>
      {gone ? (
        name
      ) : (
        <a href={`#/library/${item.id}`} aria-label={words.showOne(name)} className="rounded hover:underline">
          {name}
        </a>
      )}
      {shown !== null && <span className="ml-1.5 text-sm font-normal text-dim">{shown}</span>}
    </p>
  );
}

export function aboutOf(item: LibraryItem): string {
  return [text.kind(item.kind), item.base_model, format.bytes(item.size)].filter(Boolean).join(" · ");
}

/** Throws one model away, after the question that does so everywhere. */
export function TrashButton({ item }: { item: LibraryItem }) {
  const actions = useFileActions();
  return (
    <ChangeButton small aria-label={words.trashOne(nameOf(item))} onClick={() => actions.trash([subjectOf(item)])}>
      {words.trash}
    </ChangeButton>
  );
}

/** The queue as a list wants it: what was asked for, and what did not get in. */
export function useDownloadsOf() {
  const { ask, state, pending } = useQueueDownloads();
  return {
    state,
    pending,
    bring: (requests: readonly DownloadRequest[]) => {
      void ask(requests).then((queued) => {
        if (queued > 0) announce(words.queued(queued));
      });
    },
  };
}

/** How far the asking is, and what did not get into the queue. */
export function QueueOutcome({ state, pending }: { state: Queued | null; pending: boolean }) {
  if (state === null) return null;
  const [first] = state.failed;
  return (
    <>
      {pending && state.all > 1 && (
        <p role="status" className="text-sm text-dim tabular-nums">
          {words.asking(state.done, state.all)}
        </p>
      )}
      {first !== undefined && (
        <Notice tone="bad">
          {state.failed.length > 1 && <strong className="block font-medium">{words.notQueued(state.failed.length)}</strong>}
          <ErrorWords error={first} />
        </Notice>
      )}
    </>
  );
}
