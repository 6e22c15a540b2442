import { useId } from "react";

import type { DiscoverVersion } from "../../bindings/DiscoverVersion";
import type { ModelMarks } from "../../bindings/ModelMarks";
import { useNow } from "../../components/use-now";
import { text } from "../../text";
import { visible } from "../../text/visible";
import { Section } from "../inspector/section";
import { accessShort, marksOfVersion, MarkWord, versionMark } from "./marks";

const words = text.discover;

/** Which version is looked at. Native radio buttons, so that the arrows go from one to the next. */
export function Versions({
  versions,
  marks,
  chosen,
  onChoose,
}: {
  versions: readonly DiscoverVersion[];
  marks: ModelMarks | undefined;
  chosen: number;
  onChoose: (version: number) => void;
}) {
  const name = useId();
  const now = useNow();
  return (
    <Section title={words.versions}>
      <div role="radiogroup" aria-label={words.versions} className="flex max-h-62 flex-col overflow-y-auto rounded-xl border border-line bg-panel">
        {versions.map((version) => {
          const mark = versionMark(marksOfVersion(marks, version.id));
          const about = [version.base_model, version.published_at === null ? null : text.published(version.published_at, now), accessShort(version.access)];
          return (
            <label
              key={version.id}
              className="relative flex shrink-0 items-center gap-3 border-b border-line px-3 py-1.5 select-none last:border-b-0 hover:bg-hover has-checked:bg-wash has-focus-visible:outline-2 has-focus-visible:-outline-offset-2 has-focus-visible:outline-accent"
            >
              <input
                type="radio"
                name={name}
                className="absolute inset-0 size-full appearance-none opacity-0"
                checked={version.id === chosen}
                onChange={() => onChoose(version.id)}
              />
              <span className="min-w-0 flex-1">
                <bdi className="block truncate font-medium">{visible(version.name)}</bdi>
                <span className="block truncate text-sm text-dim">{about.filter(Boolean).join(" · ")}</span>
              </span>
              {mark !== null && (
                <span className="shrink-0 text-sm">
                  <MarkWord mark={mark} />
                </span>
              )}
            </label>
          );
        })}
      </div>
    </Section>
  );
}
