/** The files of a version, and the way to have one of them. */
import { useId, useState } from "react";

import type { DiscoverFile } from "../../bindings/DiscoverFile";
import type { DiscoverVersion } from "../../bindings/DiscoverVersion";
import type { VersionMarks } from "../../bindings/VersionMarks";
import { Notice } from "../../components/state-message";
import { format, text } from "../../text";
import { visible } from "../../text/visible";
import { Section } from "../inspector/section";
import { StateDot } from "../library/cover";
import { Get } from "./get";

const words = text.discover;

export function Files({ version, marks }: { version: DiscoverVersion; marks: VersionMarks | undefined }) {
  const id = useId();
  const preferred = version.files.find((file) => file.preferred) ?? version.files[0];
  const [chosen, setChosen] = useState<number | null>(null);
  const file = version.files.find((each) => each.id === chosen) ?? preferred;
  if (file === undefined) {
    return (
      <Section title={words.files}>
        <p className="text-dim">{words.noFiles}</p>
      </Section>
    );
  }
  const here = marks?.files.find((mark) => mark.file === file.id)?.here ?? null;
  const underway = marks?.underway.some((download) => download.file === file.id) === true;
  return (
    <Section title={words.files}>
      <ul className="flex flex-col overflow-hidden rounded-xl border border-line bg-panel">
        {version.files.map((each) => (
          <Row
            key={each.id}
            name={`${id}-file`}
            file={each}
            only={version.files.length === 1}
            checked={each.id === file.id}
            here={marks?.files.find((mark) => mark.file === each.id)?.here ?? null}
            underway={marks?.underway.some((download) => download.file === each.id) === true}
            onChoose={() => setChosen(each.id)}
          />
        ))}
      </ul>
      <div className="mt-2 flex flex-col gap-2">
        {file.virus_scan === "danger" && <Notice tone="bad">{words.danger}</Notice>}
        {file.is_pickle && <Notice tone={file.pickle_scan === "danger" ? "bad" : "warn"}>{words.pickle(file.pickle_scan)}</Notice>}
        {!file.is_pickle && file.virus_scan === "pending" && <Notice tone="warn">{words.notScanned}</Notice>}
        {file.sha256 === null && <Notice tone="warn">{words.noHash}</Notice>}
        <Get key={`${version.id} ${file.id}`} version={version.id} file={file.id} size={file.size} here={here !== null} underway={underway} />
      </div>
    </Section>
  );
}

function Row({
  name,
  file,
  only,
  checked,
  here,
  underway,
  onChoose,
}: {
  name: string;
  file: DiscoverFile;
  /** There is nothing to choose from. */
  only: boolean;
  checked: boolean;
  /** The file of the library with this content. */
  here: number | null;
  underway: boolean;
  onChoose: () => void;
}) {
  const shown = visible(file.name);
  const format_ = file.format === null ? null : (words.format[file.format] ?? file.format);
  const extent = file.extent === null ? null : (words.extent[file.extent] ?? file.extent);
  const type = file.file_type === "Model" ? null : file.file_type;
  const about = [type, format_, file.precision, extent, file.quant === "None" ? null : file.quant, format.bytes(file.size), file.preferred && !only ? words.preferred : null];
  return (
    <li className="flex items-start gap-2 border-b border-line px-3 py-2 last:border-b-0 has-checked:bg-wash">
      <label className="flex min-w-0 flex-1 items-start gap-2">
        {!only && <input type="radio" name={name} aria-label={words.file(shown)} className="mt-0.75 accent-(--accent)" checked={checked} onChange={onChoose} />}
        <span className="min-w-0">
          <bdi className="block wrap-anywhere">{shown}</bdi>
          <span className="block text-sm text-dim tabular-nums">{about.filter(Boolean).join(" · ")}</span>
        </span>
      </label>
      {here !== null ? (
        <a
          href={`#/library/${here}`}
          aria-label={words.showHere(shown)}
          title={words.showHere(shown)}
          className="flex h-6 shrink-0 items-center gap-1.5 rounded px-1.5 text-sm font-medium hover:bg-hover"
        >
          <StateDot tone="good" />
          {words.fileHere}
        </a>
      ) : (
        underway && (
          <a href="#/downloads" className="flex h-6 shrink-0 items-center gap-1.5 rounded px-1.5 text-sm font-medium hover:bg-hover">
            <StateDot tone="probable" />
            {words.fileUnderway}
          </a>
        )
      )}
    </li>
  );
}
