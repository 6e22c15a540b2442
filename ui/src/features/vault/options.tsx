import { useId, useState } from "react";

import type { RootInfo } from "../../bindings/RootInfo";
import type { VaultEntry } from "../../bindings/VaultEntry";
import type { VaultPart } from "../../bindings/VaultPart";
import { Button } from "../../components/button";
import { Dialog } from "../../components/dialog";
import { format, text } from "../../text";
import { RootSelect } from "../downloads/root-select";
import { isMissing, titleOf } from "./filter";
import { modelsOf, parts, sizeOf } from "./wish";
import type { Wish } from "./wish";
import { visible } from "../../text/visible";

const words = text.vault.options;

/** Which parts come down, which of several model files, and to which folder. */
export function Options({
  entries,
  roots,
  isUnderway,
  onDownload,
  onClose,
}: {
  entries: readonly VaultEntry[];
  roots: readonly RootInfo[];
  isUnderway: (entry: VaultEntry) => boolean;
  onDownload: (wish: Wish) => void;
  onClose: () => void;
}) {
  const id = useId();
  const one = entries.length === 1 ? entries[0] : undefined;
  const models = modelsOf(entries, isUnderway);
  const [chosen, setChosen] = useState<ReadonlySet<VaultPart>>(() => new Set(models.some(isMissing) ? ["model"] : []));
  const [file, setFile] = useState<number | null>(null);
  const [root, setRoot] = useState<number | null>(null);
  const files = one?.item.files ?? [];
  const sizes = {
    model: sizeOf("model", models, file),
    details: sizeOf("details", entries),
    images: sizeOf("images", entries),
  };
  const sum = parts.filter((part) => chosen.has(part)).reduce((all, part) => all + sizes[part], 0);
  const note = one === undefined ? words.missingOnly(models.length, entries.length) : isMissing(one) ? null : words.isHere;
  return (
    <Dialog title={words.title(entries.length, one === undefined ? "" : titleOf(one))} body={words.body} onClose={onClose}>
      <form
        className="mt-4 flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (chosen.size === 0) return;
          onDownload({ parts: parts.filter((part) => chosen.has(part)), file, root });
        }}
      >
        <fieldset className="flex flex-col gap-1">
          <legend className="mb-1 text-sm font-semibold text-faint">{words.what}</legend>
          {parts.map((part) => (
            <label key={part} className="flex items-baseline gap-2.5 rounded px-1 py-0.5 hover:bg-hover has-disabled:text-faint">
              <input
                type="checkbox"
                className="size-3.5 shrink-0 translate-y-0.5 accent-(--accent)"
                checked={chosen.has(part)}
                disabled={part === "model" && models.length === 0}
                onChange={() => {
                  const next = new Set(chosen);
                  if (!next.delete(part)) next.add(part);
                  setChosen(next);
                }}
              />
              <span className="min-w-0 flex-1">
                {words.part[part]}
                {part === "model" && note !== null && <span className="block text-sm text-dim">{note}</span>}
              </span>
              {sizes[part] > 0 && <span className="shrink-0 text-sm text-dim tabular-nums">{format.bytes(sizes[part])}</span>}
            </label>
          ))}
        </fieldset>
        {files.length > 1 && chosen.has("model") && (
          <fieldset className="flex flex-col gap-1">
            <legend className="mb-1 text-sm font-semibold text-faint">{words.file}</legend>
            {files.map((each, index) => (
              <label key={each.id} className="flex items-baseline gap-x-2.5 rounded px-1 py-0.5 hover:bg-hover phone:flex-wrap">
                <input
                  type="radio"
                  name={`${id}-file`}
                  className="size-3.5 shrink-0 translate-y-0.5 accent-(--accent)"
                  checked={file === null ? index === 0 : file === each.id}
                  onChange={() => setFile(each.id)}
                />
                <span className="min-w-0 flex-1 wrap-anywhere"><bdi>{visible(each.name)}</bdi></span>
                <span className="shrink-0 text-sm text-dim tabular-nums phone:basis-full phone:pl-6">
                  {[format.bytes(each.size), index === 0 ? words.main : null].filter(Boolean).join(" · ")}
                </span>
              </label>
            ))}
          </fieldset>
        )}
        <p className="flex flex-wrap items-center gap-x-4 gap-y-1.5">
          <label htmlFor={`${id}-root`} className="text-sm font-semibold text-faint">
            {words.folder}
          </label>
          <RootSelect id={`${id}-root`} roots={roots} best={words.best(entries.length)} value={root} onChange={setRoot} />
        </p>
        <div className="mt-1 flex items-center justify-end gap-2">
          <span className="mr-auto text-sm text-dim tabular-nums">{sum > 0 && words.about(sum)}</span>
          <Button onClick={onClose}>{text.common.cancel}</Button>
          <Button type="submit" look="primary" disabled={chosen.size === 0}>
            {text.vault.download}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
