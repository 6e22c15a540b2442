import { useEffect, useRef } from "react";
import type { ReactNode } from "react";

import { useCommand, usePlatform } from "../../api/client";
import { useStartAtLogin } from "../../api/login";
import { Choosable } from "../../api/read-only";
import { useChangeSettings, useSettings } from "../../api/settings";
import type { Settings } from "../../bindings/Settings";
import type { Theme } from "../../bindings/Theme";
import { Button } from "../../components/button";
import { Segments } from "../../components/segments";
import { Notice } from "../../components/state-message";
import { SwitchRow } from "../../components/switch";
import { ErrorWords } from "../../components/wire-error";
import { text } from "../../text";
import { Account } from "./account";
import { DownloadSettings } from "./downloads";
import { Folders } from "./folders";
import { Link } from "./link";
import { Choice, Panel, PanelRow } from "./panel";

const themes: Theme[] = ["system", "light", "dark"];
const threads = [0, 1, 2, 4, 8];

export function SettingsPlace({ section = "" }: { section?: string }) {
  const account = useRef<HTMLDivElement>(null);
  const link = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const wanted = section === "account" ? account.current : section === "link" ? link.current : null;
    wanted?.scrollIntoView({ block: "start" });
    wanted?.focus({ preventScroll: true });
  }, [section]);
  const settings = useSettings();
  const { change, error } = useChangeSettings();
  return (
    <main id="main" aria-label={text.settings.title} className="min-h-0 min-w-0 flex-1 overflow-y-auto" tabIndex={-1}>
      <div className="mx-auto flex max-w-2xl flex-col gap-8 px-6 py-6 phone:px-4">
        <h1 className="text-xl font-semibold tracking-tight">{text.settings.title}</h1>
        <div ref={account} tabIndex={-1} className="scroll-mt-6 outline-none">
          <Account />
        </div>
        <div ref={link} tabIndex={-1} className="scroll-mt-6 outline-none">
          <Link settings={settings.data} change={change} />
        </div>
        <Choosable>
          <Folders />
        </Choosable>
        {error !== null && (
          <Notice tone="bad">
            <ErrorWords error={error} />
          </Notice>
        )}
        {settings.isError && (
          <Notice
            tone="bad"
            action={
              <Button small onClick={() => void settings.refetch()}>
                {text.common.retry}
              </Button>
            }
          >
            <ErrorWords error={settings.error} />
          </Notice>
        )}
        {settings.data && (
          <Choosable>
            <DownloadSettings settings={settings.data} change={change} />
            <LookUp settings={settings.data} change={change} />
            <Reading settings={settings.data} change={change} />
            <Appearance settings={settings.data} change={change} />
            <Tray settings={settings.data} change={change} />
          </Choosable>
        )}
        <About />
      </div>
    </main>
  );
}

interface PartProps {
  settings: Settings;
  change: (part: Partial<Settings>) => void;
}

function LookUp({ settings, change }: PartProps) {
  const words = text.settings.lookUp;
  const info = useCommand("app_info", {});
  return (
    <Panel title={words.title}>
      <PanelRow>
        <SwitchRow
          label={words.lookUp}
          hint={words.lookUpHint(info.data?.civitai_url.replace(/^https?:\/\//, "").replace(/\/$/, "") ?? "civitai.com")}
          checked={settings.look_up}
          onChange={(look_up) => change({ look_up })}
        />
      </PanelRow>
      <PanelRow>
        <SwitchRow
          label={words.previews}
          hint={words.previewsHint}
          checked={settings.remote_previews}
          onChange={(remote_previews) => change({ remote_previews })}
        />
      </PanelRow>
      <Choice label={words.blur} hint={words.blurHint}>
        <Segments
          label={words.blur}
          value={settings.blur_above}
          options={text.levels}
          onChange={(blur_above) => change({ blur_above })}
        />
      </Choice>
    </Panel>
  );
}

function Reading({ settings, change }: PartProps) {
  const words = text.settings.reading;
  const choices = threads.includes(settings.hash_threads) ? threads : [...threads, settings.hash_threads];
  return (
    <Panel title={words.title}>
      <Choice label={words.threads} hint={words.threadsHint}>
        <Segments
          label={words.threads}
          value={settings.hash_threads}
          options={choices.map((value) => ({ value, label: value === 0 ? words.auto : words.amount(value) }))}
          onChange={(hash_threads) => change({ hash_threads })}
        />
      </Choice>
    </Panel>
  );
}

function Appearance({ settings, change }: PartProps) {
  const words = text.settings.appearance;
  return (
    <Panel title={words.title}>
      <Choice label={words.theme}>
        <Segments
          label={words.theme}
          value={settings.theme}
          options={themes.map((value) => ({ value, label: words.themes(value) }))}
          onChange={(theme) => change({ theme })}
        />
      </Choice>
    </Panel>
  );
}

/** What only a shell with a tray has. */
function Tray({ settings, change }: PartProps) {
  const words = text.settings.tray;
  const { notify, startAtLogin } = usePlatform().capabilities;
  if (!notify && !startAtLogin) return null;
  return (
    <Panel title={words.title}>
      {startAtLogin && <StartAtLogin />}
      {notify && (
        <PanelRow>
          <SwitchRow
            label={words.notify}
            hint={words.notifyHint}
            checked={settings.notifications}
            onChange={(notifications) => change({ notifications })}
          />
        </PanelRow>
      )}
    </Panel>
  );
}

function StartAtLogin() {
  const words = text.settings.tray;
  const { on, change, error } = useStartAtLogin();
  return (
    <PanelRow>
      <SwitchRow label={words.start} hint={words.startHint} checked={on ?? false} disabled={on === undefined} onChange={change} />
      {error !== null && (
        <div className="mt-3">
          <Notice tone="bad">
            <ErrorWords error={error} />
          </Notice>
        </div>
      )}
    </PanelRow>
  );
}

function About() {
  const words = text.settings.about;
  const info = useCommand("app_info", {});
  return (
    <Panel title={words.title}>
      <PanelRow>
        {info.isError && (
          <Notice tone="bad">
            <ErrorWords error={info.error} />
          </Notice>
        )}
        {info.data && (
          <dl className="grid grid-cols-[8rem_minmax(0,1fr)] gap-x-4 gap-y-1.5 phone:grid-cols-[6rem_minmax(0,1fr)]">
            <Row term={words.version}>{info.data.version}</Row>
            <Row term={words.data} mono>
              {info.data.data_dir}
            </Row>
            <Row term={words.server} mono>
              {info.data.civitai_url}
            </Row>
            <Row term={words.role}>{info.data.owner ? words.owner : words.guest}</Row>
            {info.data.notices.length > 0 && (
              <Row term={words.notices}>
                {info.data.notices.map((notice) => (
                  <span key={notice} className="block">
                    {notice}
                  </span>
                ))}
              </Row>
            )}
          </dl>
        )}
      </PanelRow>
    </Panel>
  );
}

function Row({ term, mono = false, children }: { term: string; mono?: boolean; children: ReactNode }) {
  return (
    <>
      <dt className="text-faint">{term}</dt>
      <dd className={mono ? "font-mono text-sm wrap-anywhere select-text" : "wrap-anywhere select-text"}>{children}</dd>
    </>
  );
}
