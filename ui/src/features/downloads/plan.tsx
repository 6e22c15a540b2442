import { useId } from "react";

import type { DownloadPlan } from "../../bindings/DownloadPlan";
import type { RootInfo } from "../../bindings/RootInfo";
import { Button } from "../../components/button";
import { Notice } from "../../components/state-message";
import { format, text } from "../../text";
import { visible } from "../../text/visible";
import { RootSelect } from "./root-select";

const words = text.downloads.add;

/** What a download would do, with the choices there are. */
export function Plan({
  plan,
  roots,
  busy,
  onFile,
  onRoot,
  onDownload,
  onClose,
}: {
  plan: DownloadPlan;
  roots: readonly RootInfo[];
  busy: boolean;
  /** Left out where the file was chosen already. */
  onFile?: (file: number) => void;
  onRoot: (root: number) => void;
  onDownload: () => void;
  onClose: () => void;
}) {
  const id = useId();
  const underway = plan.underway !== null;
  const about = [text.kind(plan.kind), plan.base_model].filter(Boolean).join(" · ");
  return (
    <section aria-label={words.plan} aria-busy={busy} className="mt-3 flex flex-col gap-3 rounded-xl border border-line bg-panel p-4">
      <div>
        <h2 className="text-lg font-semibold tracking-tight wrap-anywhere"><bdi>{visible(plan.title)}</bdi></h2>
        <p className="text-dim">{about}</p>
      </div>
      {onFile !== undefined && plan.files.length > 1 && (
        <fieldset className="flex flex-col gap-1">
          <legend className="text-sm font-semibold text-faint">{words.files}</legend>
          {plan.files.map((file) => (
            <label key={file.id} className="flex items-baseline gap-x-2 rounded px-1 py-0.5 hover:bg-hover phone:flex-wrap">
              <input type="radio" name={`${id}-file`} className="accent-(--accent)" checked={file.id === plan.file} onChange={() => onFile(file.id)} />
              <span className="min-w-0 flex-1 wrap-anywhere"><bdi>{visible(file.name)}</bdi></span>
              <span className="shrink-0 text-right text-sm text-dim tabular-nums phone:basis-full phone:pl-5.5 phone:text-left">
                {[file.file_type, format.bytes(file.size), file.primary ? words.first : null].filter(Boolean).join(" · ")}
              </span>
            </label>
          ))}
        </fieldset>
      )}
      <div className="grid grid-cols-[auto_minmax(0,1fr)] items-center gap-x-4 gap-y-1.5">
        <label htmlFor={`${id}-root`} className="text-faint">
          {words.folder}
        </label>
        <RootSelect id={`${id}-root`} roots={roots} value={plan.root} onChange={(root) => root !== null && onRoot(root)} />
        <span className="text-faint">{words.goesTo}</span>
        <bdi className="font-mono text-sm wrap-anywhere select-text">{visible(plan.path)}</bdi>
        <span className="text-faint">{words.size}</span>
        <span>{words.about(plan.size, plan.free)}</span>
      </div>
      {plan.free !== null && plan.free < plan.size && <Notice tone="warn">{words.tooFull}</Notice>}
      {plan.there !== null && (
        <Notice tone="calm">
          {words.there}{" "}
          <a href={`#/library/${plan.there}`} className="rounded text-accent underline underline-offset-2">
            {words.showThere}
          </a>
        </Notice>
      )}
      {underway && <Notice tone="calm">{words.underway}</Notice>}
      {plan.early_access && <Notice tone="warn">{words.earlyAccess}</Notice>}
      {!plan.can_be_verified && <Notice tone="warn">{words.unverifiable}</Notice>}
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>{text.common.cancel}</Button>
        <Button look="primary" disabled={busy || underway} onClick={onDownload}>
          {words.download}
        </Button>
      </div>
    </section>
  );
}
