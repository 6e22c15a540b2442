import { ArrowLeft, ExternalLink, FolderOpen, RefreshCw, X } from "lucide-react";
import { useDeferredValue, useEffect, useState } from "react";
import type { Ref } from "react";

import { useCommand, useMutationCommand, usePlatform } from "../../api/client";
import { useSettings } from "../../api/settings";
import type { IdentifyResponse } from "../../bindings/IdentifyResponse";
import type { LibraryItem } from "../../bindings/LibraryItem";
import { announce } from "../../components/announce";
import { Button, IconButton } from "../../components/button";
import { cx } from "../../components/cx";
import { Notice } from "../../components/state-message";
import { useNow } from "../../components/use-now";
import { ErrorWords, WithCode } from "../../components/wire-error";
import { text } from "../../text";
import { visible } from "../../text/visible";
import { StateDot } from "../library/cover";
import { nameOf } from "../library/item";
import { Marks } from "../marks/marks";
import { InVault } from "../vault/in-vault";
import { Beside } from "./beside";
import { Description } from "./description";
import { Facts, Places } from "./facts";
import { Header } from "./header";
import { Hero } from "./hero";
import { History } from "./history";
import { LinkActions } from "./link";
import { Section } from "./section";
import { notesOf, stateWords } from "./state";
import { TriggerWords } from "./trigger-words";

// Held arrow keys pass many rows; details are asked for where they stop.
const rest = 70;

function useRested(id: number): number {
  const [rested, setRested] = useState(id);
  useEffect(() => {
    const timer = setTimeout(() => setRested(id), rest);
    return () => clearTimeout(timer);
  }, [id]);
  return useDeferredValue(rested);
}

export function Inspector({
  id,
  known,
  onClose,
  onShow,
  className,
  phone,
  ref,
}: {
  id: number;
  /** The row as the list has it: shown at once, before the details are there. */
  known: LibraryItem | null;
  onClose: () => void;
  onShow: (id: number) => void;
  className: string;
  phone: boolean;
  ref: Ref<HTMLElement>;
}) {
  const rested = useRested(id);
  const query = useCommand("library_item", { id: rested }, { enabled: rested === id });
  const detail = query.data?.item.id === id ? query.data : undefined;
  const item = detail?.item ?? known;
  const settings = useSettings();

  return (
    <aside
      ref={ref}
      tabIndex={-1}
      aria-label={text.inspector.label}
      className={cx("flex min-h-0 shrink-0 animate-appear flex-col overflow-y-auto border-line bg-panel outline-none", className)}
    >
      <div className="sticky top-0 z-10 h-0">
        <IconButton
          label={phone ? text.inspector.back : text.inspector.close}
          onClick={onClose}
          className={cx(
            "absolute top-2.5 size-7 bg-scrim text-on-scrim hover:bg-[#000000e0] hover:text-on-scrim",
            phone ? "left-2.5" : "right-2.5",
          )}
        >
          {phone ? <ArrowLeft aria-hidden size={16} /> : <X aria-hidden size={15} />}
        </IconButton>
      </div>
      {item ? (
        <>
          <Hero key={item.id} item={item} previews={detail?.previews ?? null} settings={settings.data} />
          <div className="flex flex-col gap-4 px-4 pt-3.5 pb-6">
            <Title item={item} />
            <State item={item} />
            <Notes item={item} />
            <Actions item={item} civitaiUrl={detail?.civitai_url ?? null} lookUp={settings.data?.look_up ?? true} />
            <Marks key={`marks ${item.id}`} item={item} note={detail?.note ?? null} />
            {query.isError && (
              <Notice
                tone="bad"
                action={
                  <Button small onClick={() => void query.refetch()}>
                    {text.common.retry}
                  </Button>
                }
              >
                <ErrorWords error={query.error} />
              </Notice>
            )}
            <TriggerWords item={item} sidecars={detail?.sidecars} />
            <Facts item={item} detail={detail} />
            {detail && <Beside sidecars={detail.sidecars} />}
            {detail && <History answers={detail.answers} />}
            <Places item={item} detail={detail} onShow={onShow} />
            {detail?.version_description != null && (
              <Description title={text.inspector.aboutVersion} html={detail.version_description} />
            )}
            {detail?.model_description != null && (
              <Description title={text.inspector.about} html={detail.model_description} />
            )}
            {detail && detail.tags.length > 0 && (
              <Section title={text.inspector.tags}>
                <p className="text-sm text-dim wrap-anywhere select-text">{visible(detail.tags.join(", "))}</p>
              </Section>
            )}
            {detail?.header && <Header header={detail.header} />}
          </div>
        </>
      ) : query.isError ? (
        <div className="p-4 pt-12">
          <Notice tone="bad">
            <ErrorWords error={query.error} />
          </Notice>
        </div>
      ) : (
        <div role="status" aria-label={text.common.loading}>
          <div className="aspect-[4/3.4] animate-breathe bg-raised" />
          <div className="flex flex-col gap-3 p-4">
            <div className="h-4 w-4/5 rounded bg-raised" />
            <div className="h-3 w-1/2 rounded bg-raised" />
          </div>
        </div>
      )}
    </aside>
  );
}

function Title({ item }: { item: LibraryItem }) {
  const subtitle = text.inspector.subtitle(item.version_name, item.base_model);
  const creator = item.creator === null ? "" : text.inspector.by(item.creator);
  return (
    <div>
      <h2 title={nameOf(item)} className="line-clamp-4 text-lg font-semibold tracking-tight text-balance wrap-anywhere select-text"><bdi>{nameOf(item)}</bdi></h2>
      <p className="mt-0.5 wrap-anywhere text-dim">
        {text.kind(item.kind)}
        {subtitle !== "" && ` · ${subtitle}`}
        {creator !== "" && ` · ${creator}`}
      </p>
    </div>
  );
}

function State({ item }: { item: LibraryItem }) {
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

function Notes({ item }: { item: LibraryItem }) {
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

function identifiedWords(answer: IdentifyResponse): string {
  const words = text.inspector.identified;
  if (answer.matched > 0) return words.matched;
  return answer.pending > 0 ? words.pending : words.not_found;
}

function Actions({ item, civitaiUrl, lookUp }: { item: LibraryItem; civitaiUrl: string | null; lookUp: boolean }) {
  const platform = usePlatform();
  const identify = useMutationCommand("identify");
  const [failure, setFailure] = useState<{ id: number; error: unknown } | null>(null);
  const mine = identify.variables?.files.includes(item.id) === true;
  const tell = (error: unknown) => setFailure({ id: item.id, error });
  const ask = () => {
    setFailure(null);
    identify.mutate(
      { files: [item.id] },
      { onSuccess: (answer) => announce(identifiedWords(answer)), onError: tell },
    );
  };
  const canReveal = platform.capabilities.reveal && !item.missing;
  return (
    <div className="flex flex-col gap-2">
      <div className="flex flex-wrap gap-1.5">
        {canReveal && (
          <Button small className="px-2!" onClick={() => void platform.reveal(item.id).catch(tell)}>
            <FolderOpen aria-hidden size={14} />
            {text.inspector.reveal}
          </Button>
        )}
        {civitaiUrl !== null && (
          <Button small className="px-2!" onClick={() => void platform.openExternal(civitaiUrl).catch(tell)}>
            <ExternalLink aria-hidden size={14} />
            {text.inspector.openCivitai}
          </Button>
        )}
        {item.sha256 !== null && (
          <Button
            small
            className="px-2!"
            look={civitaiUrl === null ? "plain" : "quiet"}
            disabled={!lookUp || (identify.isPending && mine)}
            title={lookUp ? undefined : text.inspector.lookUpOff}
            onClick={ask}
          >
            <RefreshCw aria-hidden size={13} />
            {identify.isPending && mine ? text.inspector.identifying : text.inspector.identify}
          </Button>
        )}
        <InVault item={item} onError={tell} />
        <LinkActions key={item.id} item={item} lookUp={lookUp} onError={tell} />
      </div>
      {mine && identify.data && <p className="text-sm text-dim">{identifiedWords(identify.data)}</p>}
      {failure?.id === item.id && (
        <Notice tone="bad">
          <ErrorWords error={failure.error} />
        </Notice>
      )}
    </div>
  );
}
