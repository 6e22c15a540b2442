import { useRef } from "react";

import { useCommand, useMutationCommand } from "../../api/client";
import { Button } from "../../components/button";
import { Dialog } from "../../components/dialog";
import { Notice } from "../../components/state-message";
import { goTo } from "../../components/use-place";
import { ErrorWords, WithCode } from "../../components/wire-error";
import { text } from "../../text";
import { useScan } from "../scan/use-scan";
import type { Dropped } from "./dropped";
import { FolderRow } from "./folder-row";
import { ModelRow } from "./model-row";

const words = text.drop;

/** More than this at once is told by its number. */
const most = 8;

/** What can be done with what was dropped. Nothing is done before somebody says so. */
export function DropSheet({ dropped, onClose }: { dropped: Exclude<Dropped, { of: "reference" }>; onClose: () => void }) {
  const close = useRef<HTMLButtonElement>(null);
  const roots = useCommand("roots_list", {});
  const add = useMutationCommand("roots_add");
  const scan = useScan();
  const addFolder = (path: string) =>
    add.mutate(
      { path },
      {
        onSuccess: (root) => {
          scan.start([root.id]);
          // The button that was pressed goes.
          close.current?.focus();
        },
      },
    );
  const leave = (place: string) => {
    onClose();
    goTo(place);
  };
  const common = { roots: roots.data ?? [], onAdd: addFolder, adding: add.isPending ? add.variables.path : null, onShow: (id: number) => leave(`library/${id}`) };
  const names = dropped.of === "names" ? dropped.names : [];
  const { folders, models, others } = dropped.of === "paths" ? dropped : { folders: [], models: [], others: [] };
  const all = [...folders, ...models, ...others, ...names];
  return (
    <Dialog title={dropped.of === "unknown" ? words.unknown : words.title} body={<WithCode>{dropped.of === "unknown" ? words.unknownHint : words.lead}</WithCode>} onClose={onClose}>
      {dropped.of === "names" && (
        <div className="mt-3">
          <Notice tone="calm">{words.blind}</Notice>
        </div>
      )}
      {all.length > 0 && (
        <ul className="mt-3 divide-y divide-line">
          {folders.slice(0, most).map((path) => (
            <FolderRow key={path} path={path} {...common} />
          ))}
          {[...models, ...names].slice(0, most).map((path) => (
            <ModelRow key={path} path={path} blind={dropped.of === "names"} {...common} />
          ))}
          {others.slice(0, most).map((path) => (
            <li key={path} className="py-2 text-sm text-dim wrap-anywhere">
              <span className="font-mono text-xs">{path}</span>: {words.neither}
            </li>
          ))}
        </ul>
      )}
      {all.length > most && <p className="pt-2 text-sm text-dim">{words.more(all.length - most)}</p>}
      {(add.error ?? scan.error) !== null && (
        <div className="mt-3">
          <Notice tone="bad">
            <ErrorWords error={add.error ?? scan.error} />
          </Notice>
        </div>
      )}
      <p role="status" className="sr-only">
        {add.data !== undefined && words.added(add.data.name)}
      </p>
      <div className="mt-5 flex justify-end gap-2">
        {dropped.of === "names" && <Button onClick={() => leave("settings")}>{words.settings}</Button>}
        <Button ref={close} autoFocus onClick={onClose}>
          {text.common.close}
        </Button>
      </div>
    </Dialog>
  );
}
