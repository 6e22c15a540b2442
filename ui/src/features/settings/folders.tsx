import { ChevronRight, RefreshCw } from "lucide-react";
import { useId, useState } from "react";

import { useCommand, useMutationCommand, usePlatform } from "../../api/client";
import { Changing } from "../../api/read-only";
import { useRootChoice } from "../../api/roots";
import type { RootInfo } from "../../bindings/RootInfo";
import type { SidecarChoice } from "../../bindings/SidecarChoice";
import { announce } from "../../components/announce";
import { Button } from "../../components/button";
import { ConfirmDialog } from "../../components/dialog";
import { cx } from "../../components/cx";
import { FolderField } from "../../components/folder-field";
import { Notice } from "../../components/state-message";
import { useNow } from "../../components/use-now";
import { SwitchRow } from "../../components/switch";
import { ErrorWords, WithCode } from "../../components/wire-error";
import { text } from "../../text";
import { KindFolders } from "./kind-folders";
import { LayoutName } from "./layout-name";
import { useScan } from "../scan/use-scan";
import { Panel, PanelRow } from "./panel";
import { Places } from "./places";

export function Folders() {
  const words = text.settings.folders;
  const platform = usePlatform();
  const roots = useCommand("roots_list", {});
  const detected = useCommand("roots_detect", { within: [] });
  const add = useMutationCommand("roots_add");
  const remove = useMutationCommand("roots_remove");
  const scan = useScan();
  const [asked, setAsked] = useState<RootInfo | null>(null);

  const addFolder = (path: string) =>
    add.mutate(
      { path },
      {
        onSuccess: (root) => {
          announce(words.added(root.name));
          scan.start([root.id]);
        },
      },
    );
  const others = detected.data?.filter((root) => !root.added) ?? [];
  const error = add.error ?? remove.error ?? roots.error;

  return (
    <Panel title={words.title} lead={words.lead}>
      {roots.isPending && (
        <div role="status" aria-label={text.common.loading} className="h-16 animate-breathe bg-raised" />
      )}
      {roots.data?.length === 0 && <PanelRow>{words.none}</PanelRow>}
      {roots.data !== undefined && roots.data.length > 0 && (
        <ul>
          {roots.data.map((root) => (
            <li key={root.id} className="border-b border-line">
              <RootRow root={root} onScan={() => scan.start([root.id])} scanning={scan.running} onRemove={() => setAsked(root)} />
            </li>
          ))}
        </ul>
      )}
      {others.length > 0 && (
        <div className="border-b border-line bg-bg px-4 py-3">
          <h3 className="text-sm font-semibold text-faint">{words.detected}</h3>
          <ul className="mt-1.5 flex flex-col gap-2">
            {others.map((root) => (
              <li key={root.path} className="flex items-center gap-3">
                <span className="min-w-0 flex-1">
                  <span className="flex items-baseline gap-2">
                    <span className="truncate font-medium">{root.name}</span>
                    <LayoutName of={root} />
                  </span>
                  <span className="block truncate text-sm text-dim" title={root.path}>
                    {root.path}, {words.files(root.files, root.bytes)}
                  </span>
                </span>
                <Changing>
                  <Button small aria-label={words.addOne(root.name)} disabled={add.isPending} onClick={() => addFolder(root.path)}>
                    {words.add}
                  </Button>
                </Changing>
              </li>
            ))}
          </ul>
        </div>
      )}
      <PanelRow>
        <Changing>
          <FolderField
            pick={platform.capabilities.pickFolder ? () => platform.pickFolder() : null}
            onFolder={addFolder}
            busy={add.isPending}
            words={{
              button: words.addFolder,
              path: text.firstRun.pathLabel,
              placeholder: text.firstRun.pathPlaceholder,
              add: words.add,
            }}
          />
        </Changing>
        {error !== null && (
          <div className="mt-3">
            <Notice tone="bad">
              <ErrorWords error={error} />
            </Notice>
          </div>
        )}
      </PanelRow>
      {asked !== null && (
        <ConfirmDialog
          title={words.removeTitle(asked.name)}
          body={words.removeBody(asked.files, asked.bytes)}
          confirm={words.removeConfirm}
          cancel={text.common.cancel}
          onClose={() => setAsked(null)}
          onConfirm={() => {
            remove.mutate({ id: asked.id }, { onSuccess: () => announce(words.removed(asked.name)) });
            setAsked(null);
          }}
        />
      )}
    </Panel>
  );
}

function RootRow({ root, scanning, onScan, onRemove }: { root: RootInfo; scanning: boolean; onScan: () => void; onRemove: () => void }) {
  const words = text.settings.folders;
  const now = useNow();
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-2 px-4 py-3">
      <div className="min-w-48 flex-1">
        <p className="flex items-center gap-2">
          <i aria-hidden className={cx("size-1.75 shrink-0 rounded-full", root.online ? "bg-good" : "ring-[1.5px] ring-faint ring-inset")} />
          <span className="truncate font-medium">{root.name}</span>
          <LayoutName of={root} />
          {!root.online && <span className="shrink-0 text-sm text-warn">{words.away}</span>}
        </p>
        <p className="truncate text-sm text-dim" title={root.path}>
          {root.path}
        </p>
        <p className="text-sm text-faint">
          {words.files(root.files, root.bytes)},{" "}
          {root.scanned_at === null ? words.notScanned : words.scanned(root.scanned_at, now)}
        </p>
        {!root.online && <p className="text-sm text-dim">{words.awayHint}</p>}
        <Watched root={root} />
      </div>
      <Changing>
        <div className="flex gap-2">
          <Button small aria-label={words.scanOne(root.name)} disabled={scanning || !root.online} onClick={onScan}>
            <RefreshCw aria-hidden size={12} />
            {words.scan}
          </Button>
          <Button small look="quiet" aria-label={words.removeOne(root.name)} onClick={onRemove}>
            {words.remove}
          </Button>
        </div>
      </Changing>
      <Written root={root} />
      {root.layout !== "invoke_ai" && (
        <>
          <KindFolders root={root} />
          <Places root={root} />
        </>
      )}
    </div>
  );
}

/** How changes are noticed, and why not better. */
function Watched({ root }: { root: RootInfo }) {
  const said = text.settings.folders.watching[root.watching];
  if (said === null) return null;
  return (
    <p className="text-sm text-faint">
      {said}
      {root.watching === "polling" && root.watching_note !== null && (
        <>
          {". "}
          <WithCode>{root.watching_note}</WithCode>
        </>
      )}
    </p>
  );
}

const kinds: (keyof SidecarChoice)[] = ["a1111_json", "preview", "civitai_info"];

/** What may be written beside the folder's models. Folded: most never open it, and closed it says what is on. */
function Written({ root }: { root: RootInfo }) {
  const words = text.settings.folders.write;
  const { choose, error, asked } = useRootChoice();
  const lead = useId();
  if (root.layout === "invoke_ai") return <p className="w-full text-sm text-faint">{words.invokeAi}</p>;

  // As chosen, until the engine has answered.
  const chosen = asked?.sidecars ?? root.sidecars;
  const on = kinds.filter((kind) => chosen[kind]).map((kind) => words.short[kind]);
  return (
    <details className="group w-full">
      <summary className="flex h-6 w-fit list-none items-center gap-1 rounded text-sm text-dim hover:text-text [&::-webkit-details-marker]:hidden">
        <ChevronRight aria-hidden size={13} className="-ml-0.5 transition-transform group-open:rotate-90" />
        {words.title}: {on.length === 0 ? words.none : on.join(", ")}
      </summary>
      <div role="group" aria-label={words.label(root.name)} aria-describedby={lead} className="mt-1.5 flex flex-col gap-2.5 pl-3.5">
        <p id={lead} className="text-sm text-dim">
          {words.lead}
        </p>
        {kinds.map((kind) => (
          <SwitchRow
            key={kind}
            label={words.choices[kind]}
            checked={chosen[kind]}
            onChange={(checked) => choose({ id: root.id, sidecars: { ...chosen, [kind]: checked } })}
          />
        ))}
        {error !== null && (
          <Notice tone="bad">
            <ErrorWords error={error} />
          </Notice>
        )}
      </div>
    </details>
  );
}
