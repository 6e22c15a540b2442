import { useCommand } from "../../api/client";
import type { RootInfo } from "../../bindings/RootInfo";
import { Button } from "../../components/button";
import { text } from "../../text";
import { visible } from "../../text/visible";
import { isIn, lastOf } from "./dropped";

const words = text.drop;

/** A folder that may be added, or the installations in it. */
export function FolderRow({ path, roots, adding, onAdd }: { path: string; roots: readonly RootInfo[]; adding: string | null; onAdd: (path: string) => void }) {
  const around = roots.find((root) => isIn(root.path, path));
  const detected = useCommand("roots_detect", { within: [path] }, { enabled: around === undefined });
  const found = (detected.data ?? []).filter((root) => isIn(path, root.path));
  const itself = found.find((root) => root.path === path);
  const whole = [{ path, said: itself === undefined ? words.plain : words.recognised(text.layout(itself.layout), itself.files) }];
  // Below a folder of several installations each is offered: as one, none of them would be recognised.
  const offered = itself !== undefined || found.length === 0 ? whole : found.map((root) => ({ path: root.path, said: words.recognised(text.layout(root.layout), root.files) }));
  return offered.map((each) => {
    const root = roots.find((known) => isIn(known.path, each.path));
    const said = root === undefined ? (detected.isFetching ? words.looking : each.said) : root.path === each.path ? words.isRoot : words.inRoot(root.name);
    return (
      <li key={each.path} className="flex items-center gap-3 py-2">
        <div className="min-w-0 flex-1">
          <p className="truncate font-medium">
            <bdi>{visible(lastOf(each.path))}</bdi>
          </p>
          <p className="font-mono text-xs wrap-anywhere text-faint">{visible(each.path)}</p>
          <p className="text-sm text-dim">{said}</p>
        </div>
        {root === undefined && (
          <Button small aria-label={words.addOne(lastOf(each.path))} disabled={adding !== null} onClick={() => onAdd(each.path)}>
            {adding === each.path ? words.adding : words.add}
          </Button>
        )}
      </li>
    );
  });
}
