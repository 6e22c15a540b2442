import { useQueryClient } from "@tanstack/react-query";
import { ChevronRight, Lock, X } from "lucide-react";
import { useState } from "react";
import type { ReactNode } from "react";

import { useCommand, useMutationCommand, usePlatform } from "../../api/client";
import { rootsKey } from "../../api/keys";
import { useReadOnly } from "../../api/read-only";
import { useSettings } from "../../api/settings";
import type { DetectedRoot } from "../../bindings/DetectedRoot";
import { BrandMark } from "../../components/brand";
import { Button, IconButton } from "../../components/button";
import { FolderField } from "../../components/folder-field";
import { Notice, StateMessage } from "../../components/state-message";
import { SwitchRow } from "../../components/switch";
import { ErrorWords, WithCode } from "../../components/wire-error";
import { text } from "../../text";
import { LayoutName } from "../settings/layout-name";

/** Where one goes from here. */
type Next = "library" | "settings/link";

/** The first minute: what was found, what will happen, one button. */
export function FirstRun({ onDone }: { onDone: (next: Next) => void }) {
  if (!useReadOnly()) return <Start onDone={onDone} />;
  return (
    <main id="main" aria-label={text.firstRun.title} className="flex min-h-0 flex-1" tabIndex={-1}>
      <StateMessage alone icon={Lock} title={text.firstRun.readOnly} hint={<WithCode>{text.firstRun.readOnlyHint}</WithCode>} />
    </main>
  );
}

function Start({ onDone }: { onDone: (next: Next) => void }) {
  const platform = usePlatform();
  const client = useQueryClient();
  const detected = useCommand("roots_detect", { within: [] });
  const info = useCommand("app_info", {});
  const settings = useSettings();
  const saveSettings = useMutationCommand("settings_set");
  const addRoot = useMutationCommand("roots_add");
  const startScan = useMutationCommand("scan_start");

  const [unticked, setUnticked] = useState<ReadonlySet<string>>(new Set());
  const [own, setOwn] = useState<readonly string[]>([]);
  const [lookUp, setLookUp] = useState<boolean | null>(null);
  const [pairNext, setPairNext] = useState(false);
  const [starting, setStarting] = useState(false);
  const [error, setError] = useState<unknown>(null);

  const asks = lookUp ?? settings.data?.look_up ?? true;
  const chosen = [...(detected.data ?? []).map((root) => root.path).filter((path) => !unticked.has(path)), ...own];

  const start = async () => {
    setStarting(true);
    setError(null);
    try {
      // Before the scan: a choice for privacy holds from the first file on.
      if (settings.data && settings.data.look_up !== asks) {
        await saveSettings.mutateAsync({ ...settings.data, look_up: asks });
      }
      const known = new Set((await platform.call("roots_list", {})).map((root) => root.path));
      for (const path of chosen) {
        // A second try after a failure half-way.
        if (!known.has(path)) await addRoot.mutateAsync({ path });
      }
      await startScan.mutateAsync({ roots: [], depth: "usual" });
      client.setQueryData(rootsKey, await platform.call("roots_list", {}));
      onDone(pairNext ? "settings/link" : "library");
    } catch (failure) {
      setError(failure);
      setStarting(false);
    }
  };

  return (
    <main id="main" className="min-h-0 flex-1 overflow-y-auto" tabIndex={-1}>
      <div className="mx-auto flex min-h-full max-w-xl flex-col justify-center px-6 py-10 phone:px-4 phone:py-6">
        <div className="flex items-center gap-2.5 font-semibold">
          <BrandMark size={24} />
          {text.app.name}
        </div>
        <h1 className="mt-5 text-2xl font-semibold tracking-tight">{text.firstRun.title}</h1>
        <p className="mt-1.5 max-w-prose text-dim">{text.firstRun.lead}</p>

        <section aria-labelledby="found" className="mt-6">
          <h2 id="found" className="mb-2 text-sm font-semibold text-faint">
            {text.firstRun.found}
          </h2>
          <div className="overflow-hidden rounded-xl border border-line bg-panel">
            {detected.isPending && <LookingRows />}
            {detected.isError && (
              <div className="p-3">
                <Notice
                  tone="bad"
                  action={
                    <Button small onClick={() => void detected.refetch()}>
                      {text.common.retry}
                    </Button>
                  }
                >
                  <ErrorWords error={detected.error} />
                </Notice>
              </div>
            )}
            {detected.data?.length === 0 && own.length === 0 && <p className="px-4 py-4 text-dim">{text.firstRun.none}</p>}
            {(detected.data?.length ?? 0) + own.length > 0 && (
              <ul className="divide-y divide-line">
                {detected.data?.map((root) => (
                  <DetectedRow
                    key={root.path}
                    root={root}
                    ticked={!unticked.has(root.path)}
                    onTick={(ticked) => {
                      const next = new Set(unticked);
                      if (ticked) next.delete(root.path);
                      else next.add(root.path);
                      setUnticked(next);
                    }}
                  />
                ))}
                {own.map((path) => (
                  <li key={path} className="flex items-center gap-3 px-4 py-2.5">
                    <span className="min-w-0 flex-1">
                      <span className="block truncate font-mono text-sm" title={path}>
                        {path}
                      </span>
                      <span className="text-sm text-faint">{text.firstRun.yours}</span>
                    </span>
                    <IconButton small label={text.firstRun.remove(path)} onClick={() => setOwn(own.filter((other) => other !== path))}>
                      <X aria-hidden size={14} />
                    </IconButton>
                  </li>
                ))}
              </ul>
            )}
            <div className="border-t border-line bg-bg px-4 py-2.5">
              <FolderField
                pick={platform.capabilities.pickFolder ? () => platform.pickFolder() : null}
                onFolder={(path) => {
                  if (!chosen.includes(path)) setOwn([...own, path]);
                }}
                words={{
                  button: text.firstRun.add,
                  path: text.firstRun.pathLabel,
                  placeholder: text.firstRun.pathPlaceholder,
                  add: text.firstRun.addPath,
                }}
              />
            </div>
          </div>
        </section>

        <details className="group mt-3">
          <summary className="flex min-h-6 w-fit list-none items-center gap-1 rounded text-sm text-dim hover:text-text [&::-webkit-details-marker]:hidden">
            <ChevronRight aria-hidden size={13} className="-ml-0.5 shrink-0 transition-transform group-open:rotate-90" />
            {text.firstRun.account}
          </summary>
          <div className="mt-1 flex flex-col gap-2 pl-3.5 text-sm">
            <p className="text-dim">{text.firstRun.accountHint}</p>
            <label className="flex w-fit items-center gap-2">
              <input type="checkbox" checked={pairNext} onChange={(event) => setPairNext(event.target.checked)} className="size-4 shrink-0 accent-accent-strong" />
              {text.firstRun.accountNext}
            </label>
          </div>
        </details>

        <div className="mt-5 grid grid-cols-2 gap-5 phone:grid-cols-1 phone:gap-3">
          <PromiseText title={text.firstRun.readTitle}>{text.firstRun.readBody}</PromiseText>
          <PromiseText title={text.firstRun.sentTitle}>
            {asks ? text.firstRun.sentOn(hostOf(info.data?.civitai_url)) : text.firstRun.sentOff}
          </PromiseText>
        </div>
        <div className="mt-4 border-t border-line pt-4">
          <SwitchRow label={text.firstRun.lookUp} checked={asks} onChange={setLookUp} disabled={!settings.data} />
        </div>

        {error !== null && (
          <div className="mt-4">
            <Notice tone="bad">
              <ErrorWords error={error} />
            </Notice>
          </div>
        )}
        <div className="mt-5 flex items-center gap-3">
          <Button look="primary" className="h-9 px-6" disabled={starting || chosen.length === 0} onClick={() => void start()}>
            {starting ? text.firstRun.starting : text.firstRun.start}
          </Button>
          {chosen.length === 0 && !detected.isPending && <span className="text-sm text-faint">{text.firstRun.startNone}</span>}
        </div>
      </div>
    </main>
  );
}

function DetectedRow({ root, ticked, onTick }: { root: DetectedRoot; ticked: boolean; onTick: (ticked: boolean) => void }) {
  return (
    <li>
      <label className="flex items-center gap-3 px-4 py-2.5 hover:bg-hover">
        <input
          type="checkbox"
          checked={ticked}
          onChange={(event) => onTick(event.target.checked)}
          className="size-4 shrink-0 accent-accent-strong"
        />
        <span className="min-w-0 flex-1">
          <span className="flex items-baseline gap-2">
            <span className="truncate font-medium">{root.name}</span>
            <LayoutName of={root} />
          </span>
          <span className="block truncate text-sm text-dim" title={root.path}>
            {root.path}
          </span>
        </span>
        <span className="shrink-0 text-sm text-dim tabular-nums phone:hidden">{text.firstRun.summary(root.files, root.bytes)}</span>
      </label>
    </li>
  );
}

function LookingRows() {
  return (
    <div role="status" aria-label={text.firstRun.looking} className="divide-y divide-line">
      {[0, 1].map((row) => (
        <div key={row} className="flex animate-breathe items-center gap-3 px-4 py-3">
          <span className="size-4 rounded-sm bg-raised" />
          <span className="flex flex-1 flex-col gap-2">
            <span className="h-2.5 w-2/5 rounded bg-raised" />
            <span className="h-2 w-3/5 rounded bg-raised" />
          </span>
        </div>
      ))}
    </div>
  );
}

function PromiseText({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section>
      <h2 className="font-medium">{title}</h2>
      <p className="mt-0.5 text-sm text-dim">{children}</p>
    </section>
  );
}

function hostOf(url: string | undefined): string {
  if (url === undefined) return "civitai.com";
  try {
    return new URL(url).host;
  } catch {
    return url;
  }
}
