import { useRef, useState } from "react";

import { useLeave, useLink } from "../../api/link";
import { Changing, Choosable } from "../../api/read-only";
import type { LinkSite } from "../../bindings/LinkSite";
import type { LinkSiteInfo } from "../../bindings/LinkSiteInfo";
import type { Settings } from "../../bindings/Settings";
import { announce } from "../../components/announce";
import { Button } from "../../components/button";
import { ConfirmDialog } from "../../components/dialog";
import { Segments } from "../../components/segments";
import { Notice } from "../../components/state-message";
import { useNow } from "../../components/use-now";
import { ErrorWords } from "../../components/wire-error";
import { text } from "../../text";
import { StateDot } from "../library/cover";
import { isPaired, sentences, tones } from "../link/state";
import { PairForm } from "../link/pair-form";
import { Choice, Panel, PanelRow } from "./panel";

const words = text.link;

/** The website's "send to my computer": with whom this computer is paired, how that stands, and what they may do. */
export function Link({ settings, change }: { settings: Settings | undefined; change: (part: Partial<Settings>) => void }) {
  const link = useLink();
  const [asked, setAsked] = useState<LinkSite | null>(null);
  const sites = link.data?.sites ?? [];
  // Few have the other site: until it is used or asked for, it takes no room.
  const shown = sites.filter((each) => each.site === "com" || isPaired(each) || each.problem !== null || each.site === asked);
  const hidden = sites.some((each) => !shown.includes(each));
  return (
    <Panel title={words.title} lead={words.lead}>
      {link.isPending && <div role="status" aria-label={text.common.loading} className="h-16 animate-breathe bg-raised" />}
      {link.isError && (
        <PanelRow>
          <Notice
            tone="bad"
            action={
              <Button small onClick={() => void link.refetch()}>
                {text.common.retry}
              </Button>
            }
          >
            <ErrorWords error={link.error} />
          </Notice>
        </PanelRow>
      )}
      {shown.map((each) => (
        <PanelRow key={each.site}>
          <SiteRow info={each} begun={each.site === asked} />
        </PanelRow>
      ))}
      {hidden && (
        <Changing>
          <div className="border-b border-line px-4 py-2">
            <Button small look="quiet" className="-ml-2.5" onClick={() => setAsked("red")}>
              {words.red}
            </Button>
          </div>
        </Changing>
      )}
      {settings !== undefined && link.data !== undefined && (
        <Choosable>
          <Choice label={words.removal.label} hint={words.removal.hint}>
            <Segments label={words.removal.label} value={settings.link_remove} options={words.removal.options} onChange={(link_remove) => change({ link_remove })} />
          </Choice>
        </Choosable>
      )}
    </Panel>
  );
}

/** One site. `begun`: its form is open from the start. */
function SiteRow({ info, begun }: { info: LinkSiteInfo; begun: boolean }) {
  const now = useNow();
  const name = useRef<HTMLHeadingElement>(null);
  const leaving = useLeave();
  const [pairing, setPairing] = useState(begun);
  const [question, setQuestion] = useState(false);
  const { site, state, problem } = info;
  const paired = isPaired(info);
  // What had the focus is gone; the row that tells how it stands now is where it is looked for.
  const settle = (said: string) => {
    announce(said);
    name.current?.focus();
  };
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-start gap-x-4 gap-y-2">
        <div className="min-w-48 flex-1">
          <h3 ref={name} tabIndex={-1} className="flex flex-wrap items-baseline gap-x-3 rounded outline-none">
            <span className="font-medium">{words.site(site)}</span>
            <span className="inline-flex items-center gap-2">
              <StateDot tone={tones[state]} />
              {words.state(state)}
            </span>
          </h3>
          <p className="text-sm text-dim">{sentences(info, now).join(" ")}</p>
        </div>
        <Changing>
          {paired ? (
            <Button aria-label={words.leaveOne(site)} disabled={leaving.isPending} onClick={() => setQuestion(true)}>
              {words.leave}
            </Button>
          ) : (
            <Button aria-label={words.pairOne(site)} aria-expanded={pairing} onClick={() => setPairing(!pairing)}>
              {words.pair}
            </Button>
          )}
        </Changing>
      </div>
      {problem !== null && (
        <Notice tone="warn">
          <ErrorWords error={problem} />
        </Notice>
      )}
      {leaving.error !== null && (
        <Notice tone="bad">
          <ErrorWords error={leaving.error} />
        </Notice>
      )}
      {!paired && pairing && (
        <Changing>
          <PairForm
            site={site}
            onPaired={() => {
              setPairing(false);
              settle(words.paired(site));
            }}
          />
        </Changing>
      )}
      {question && (
        <ConfirmDialog
          title={words.leaveTitle(site)}
          body={words.leaveBody}
          confirm={words.leave}
          cancel={words.stay}
          onClose={() => setQuestion(false)}
          onConfirm={() => {
            setQuestion(false);
            leaving.leave(site, () => settle(words.left(site)));
          }}
        />
      )}
    </div>
  );
}
