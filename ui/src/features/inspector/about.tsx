/** What a model is called, and what is known about it. */
import type { LibraryItem } from "../../bindings/LibraryItem";
import { cx } from "../../components/cx";
import { Notice } from "../../components/state-message";
import { useNow } from "../../components/use-now";
import { WithCode } from "../../components/wire-error";
import { text } from "../../text";
import { visible } from "../../text/visible";
import { StateDot } from "../library/cover";
import { nameOf } from "../library/item";
import { notesOf, stateWords } from "./state";

export function Title({ item }: { item: LibraryItem }) {
  const subtitle = visible(text.inspector.subtitle(item.version_name, item.base_model));
  const creator = item.creator === null ? "" : text.inspector.by(visible(item.creator));
  return (
    <div>
      <h2 title={nameOf(item)} className="line-clamp-4 text-lg font-semibold tracking-tight text-balance wrap-anywhere select-text">
        <bdi>{nameOf(item)}</bdi>
      </h2>
      <p className="mt-0.5 wrap-anywhere text-dim">
        {text.kind(item.kind)}
        {subtitle !== "" && <bdi>{` · ${subtitle}`}</bdi>}
        {creator !== "" && <bdi>{` · ${creator}`}</bdi>}
      </p>
    </div>
  );
}

export function State({ item }: { item: LibraryItem }) {
  const now = useNow();
  const state = stateWords(item, now);
  return (
    <div className="flex items-start gap-2.5" data-testid="state">
      <span className="flex h-5 items-center">
        <StateDot tone={state.tone} />
      </span>
      <div className="min-w-0 flex-1 wrap-anywhere">
        <p className={cx("font-medium", state.tone === "good" && "text-good", state.tone === "bad" && "text-bad", state.tone === "warn" && "text-warn")}>
          <WithCode>{state.line}</WithCode>
        </p>
        {state.hints.map((hint) => (
          <p key={hint} className="text-sm text-dim">
            <WithCode>{hint}</WithCode>
          </p>
        ))}
      </div>
    </div>
  );
}

export function Notes({ item }: { item: LibraryItem }) {
  const now = useNow();
  return notesOf(item, now).map((note) => (
    <Notice key={note.title} tone="calm">
      <strong className="font-medium">{note.title}</strong>
      <span className="block text-sm text-dim">
        <WithCode>{note.body}</WithCode>
      </span>
    </Notice>
  ));
}
