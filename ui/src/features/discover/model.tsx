import { ArrowLeft, ExternalLink } from "lucide-react";
import { useEffect, useEffectEvent, useRef, useState } from "react";

import { usePlatform } from "../../api/client";
import { useMarks, useModelPage } from "../../api/discover";
import { useSettings } from "../../api/settings";
import type { DiscoverDetail } from "../../bindings/DiscoverDetail";
import type { DiscoverVersion } from "../../bindings/DiscoverVersion";
import { Button } from "../../components/button";
import { Chip } from "../../components/chip";
import { Notice } from "../../components/state-message";
import { useNow } from "../../components/use-now";
import { goTo } from "../../components/use-place";
import { ErrorWords } from "../../components/wire-error";
import { text } from "../../text";
import { visible } from "../../text/visible";
import { Description } from "../inspector/description";
import { Section } from "../inspector/section";
import { Word } from "../inspector/word";
import { Failed } from "./failed";
import { Files } from "./files";
import { addressOf } from "./filter";
import type { Filter } from "./filter";
import { Gallery } from "./gallery";
import { markOf, marksOfVersion, MarkWord } from "./marks";
import { lookOnlyFor } from "./remembered";
import { TermsOf } from "./terms";
import { VaultButton } from "./vault-button";
import { Versions } from "./versions";

const words = text.discover;

/** A few authors list a whole vocabulary. */
const mostWords = 40;

/** A model's page, over the results it was opened from. Escape goes back to them. */
export function ModelPage({ id, version }: { id: number; version: number | null }) {
  const page = useModelPage(id);
  const main = useRef<HTMLElement>(null);
  const back = () => goTo("discover");
  const onEscape = useEffectEvent((event: KeyboardEvent) => {
    if (event.key === "Escape" && !event.defaultPrevented && document.querySelector("dialog[open]") === null) back();
  });
  useEffect(() => {
    main.current?.focus({ preventScroll: true });
    window.addEventListener("keydown", onEscape);
    return () => window.removeEventListener("keydown", onEscape);
  }, []);
  return (
    <main
      ref={main}
      id="main"
      aria-label={page.data === undefined ? words.title : words.page(visible(page.data.model.name))}
      tabIndex={-1}
      className="absolute inset-0 z-10 overflow-y-auto bg-bg outline-none"
    >
      <div className="mx-auto flex min-h-full max-w-6xl flex-col gap-4 px-6 py-4 phone:px-4">
        <Button look="quiet" className="-ml-2.5 self-start" onClick={back}>
          <ArrowLeft aria-hidden size={15} />
          {words.back}
        </Button>
        {page.data !== undefined ? (
          <Known detail={page.data} version={version} />
        ) : page.isError ? (
          <Failed error={page.error} onRetry={() => void page.refetch()} />
        ) : (
          <Outline />
        )}
      </div>
    </main>
  );
}

function Known({ detail, version }: { detail: DiscoverDetail; version: number | null }) {
  const platform = usePlatform();
  const settings = useSettings();
  const { model, versions } = detail;
  const [failure, setFailure] = useState<{ version: number; error: unknown } | null>(null);
  const [models] = useState([model]);
  const marks = useMarks(models)(model.id);
  const shown: DiscoverVersion | undefined = versions.find((each) => each.id === version) ?? versions[0];
  const name = visible(model.name);
  const mark = markOf(marks);
  const ofVersion = shown === undefined ? undefined : marksOfVersion(marks, shown.id);
  return (
    <>
      <header className="flex flex-wrap items-start gap-x-4 gap-y-2">
        <div className="min-w-0 flex-1 basis-72">
          <h1 className="text-xl font-semibold tracking-tight wrap-anywhere">
            <bdi>{name}</bdi>
          </h1>
          <p className="mt-0.5 flex flex-wrap items-center gap-x-2 text-dim">
            <span>{[text.kind(model.kind), shown?.base_model ?? model.base_model].filter(Boolean).join(" · ")}</span>
            {model.creator !== null && (
              <button type="button" className="rounded text-accent hover:underline" onClick={() => showOnly({ creator: model.creator })}>
                <bdi>{words.by(visible(model.creator))}</bdi>
              </button>
            )}
            {model.downloads !== null && <span className="text-faint">{words.downloads(model.downloads)}</span>}
            {model.likes !== null && <span className="text-faint">{words.likes(model.likes)}</span>}
            {mark !== null && (
              <span className="text-text">
                <MarkWord mark={mark} />
              </span>
            )}
          </p>
        </div>
        <div className="flex flex-wrap items-center gap-2">
          {shown !== undefined && (
            <VaultButton key={shown.id} version={shown.id} inVault={ofVersion?.in_vault === true} onError={(error) => setFailure({ version: shown.id, error })} />
          )}
          <Button onClick={() => void platform.openExternal(shown === undefined ? detail.url : `${detail.url}?modelVersionId=${shown.id}`)}>
            <ExternalLink aria-hidden size={14} />
            {words.open}
          </Button>
        </div>
      </header>
      {failure !== null && failure.version === shown?.id && (
        <Notice tone="bad">
          <ErrorWords error={failure.error} />
        </Notice>
      )}
      {model.mode === "Archived" && <Notice tone="warn">{words.archived}</Notice>}
      {model.mode === "TakenDown" && <Notice tone="warn">{words.takenDown}</Notice>}
      {shown !== undefined && <h2 className="sr-only">{words.versionTitle(visible(shown.name))}</h2>}
      <div className="grid grid-cols-[minmax(0,1fr)_minmax(20rem,24rem)] grid-rows-[auto_1fr] items-start gap-x-6 gap-y-5 pb-6 max-[62rem]:grid-rows-none max-[62rem]:grid-cols-[minmax(0,1fr)]">
        <Gallery key={shown?.id} name={name} kind={model.kind} pictures={shown?.pictures ?? []} settings={settings.data} />
        <div className="flex min-w-0 flex-col gap-4 min-[62rem]:row-span-2">
          {shown === undefined ? (
            <p className="text-dim">{words.noVersions}</p>
          ) : (
            <>
              <Versions
                versions={versions}
                marks={marks}
                chosen={shown.id}
                // In the address, and one way back: going through versions leaves no trail.
                onChoose={(next) => {
                  history.replaceState(null, "", `#/${addressOf(model.id, next)}`);
                  window.dispatchEvent(new HashChangeEvent("hashchange"));
                }}
              />
              <AccessNote version={shown} />
              <Files key={shown.id} version={shown} marks={ofVersion} />
              <TriggerWords words={shown.trained_words} />
              <TermsOf terms={detail.terms} />
            </>
          )}
          {model.tags.length > 0 && (
            <Section title={words.tags}>
              <div className="flex flex-wrap gap-1.5">
                {model.tags.slice(0, mostWords).map((tag) => (
                  <Chip key={tag} on={false} onClick={() => showOnly({ tag })}>
                    <bdi>{visible(tag)}</bdi>
                  </Chip>
                ))}
              </div>
            </Section>
          )}
        </div>
        <div className="flex min-w-0 flex-col gap-4">
          {shown?.description != null && <Description key={shown.id} title={words.aboutVersion} html={shown.description} />}
          {detail.description !== null && <Description title={words.about} html={detail.description} />}
        </div>
      </div>
    </>
  );
}

/** The results with this asked for, and nothing else. */
function showOnly(part: Partial<Filter>): void {
  lookOnlyFor(part);
  goTo("discover");
}

function AccessNote({ version }: { version: DiscoverVersion }) {
  const now = useNow();
  const { access } = version;
  if (access.to === "open") return null;
  return (
    <Notice tone="warn">
      <strong className="font-medium">{access.to === "paid" ? words.access.paid : words.access.early(access.until, now)}</strong>
      <span className="block text-dim">{access.to === "paid" ? words.access.paidHint : words.access.earlyHint}</span>
    </Notice>
  );
}

function TriggerWords({ words: all }: { words: readonly string[] }) {
  const each = [...new Set(all)];
  if (each.length === 0) return null;
  return (
    <Section title={words.words}>
      <ul className="flex flex-wrap gap-1.5">
        {each.slice(0, mostWords).map((word) => (
          <Word key={word} word={word} />
        ))}
      </ul>
    </Section>
  );
}

function Outline() {
  return (
    <div role="status" aria-label={text.common.loading} className="flex flex-col gap-4">
      <div className="h-6 w-72 max-w-full animate-breathe rounded bg-raised" />
      <div className="grid grid-cols-[minmax(0,1fr)_minmax(20rem,24rem)] gap-6 max-[62rem]:grid-cols-[minmax(0,1fr)]">
        <div className="aspect-[4/3.4] animate-breathe rounded-xl bg-raised" />
        <div className="flex flex-col gap-3">
          <div className="h-28 animate-breathe rounded-xl bg-raised" />
          <div className="h-20 animate-breathe rounded-xl bg-raised" />
        </div>
      </div>
    </div>
  );
}
