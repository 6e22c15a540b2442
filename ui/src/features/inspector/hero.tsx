import { Eye } from "lucide-react";
import { useState } from "react";

import { usePlatform } from "../../api/client";
import type { LibraryItem } from "../../bindings/LibraryItem";
import type { PreviewInfo } from "../../bindings/PreviewInfo";
import type { Settings } from "../../bindings/Settings";
import { cx } from "../../components/cx";
import { Picture } from "../../components/picture";
import { TonalCover } from "../../components/tonal-cover";
import type { PreviewIndex } from "../../platform";
import { text } from "../../text";
import { hasCover, highestLevel, isBlurred, nameOf, previewKey } from "../library/item";

interface Shot {
  which: PreviewIndex;
  video: boolean;
  level: number;
  prompt: string | null;
}

// Thumbnails are whole pictures; a strip of these is what fits and what is worth fetching.
const mostThumbs = 7;

export function shotsOf(item: LibraryItem, previews: readonly PreviewInfo[] | null, settings: Settings | undefined): Shot[] {
  if (!hasCover(item, settings)) return [];
  const cover: Shot = {
    which: "cover",
    video: item.preview_is_video && !item.has_local_preview,
    level: highestLevel(item.cover_level),
    prompt: null,
  };
  if (previews === null) return [cover];
  const remote =
    settings?.remote_previews === false
      ? []
      : previews.map((preview) => ({
          which: preview.index,
          video: preview.video,
          level: preview.nsfw_level,
          prompt: preview.prompt,
        }));
  // A picture beside the file is the cover, and not one of Civitai's.
  return item.has_local_preview || remote.length === 0 ? [cover, ...remote] : remote;
}

export function Hero({
  item,
  previews,
  settings,
}: {
  item: LibraryItem;
  previews: readonly PreviewInfo[] | null;
  settings: Settings | undefined;
}) {
  const platform = usePlatform();
  const shots = shotsOf(item, previews, settings);
  const [at, setAt] = useState(0);
  const [uncovered, setUncovered] = useState<ReadonlySet<PreviewIndex>>(new Set());
  const shot = shots[at] ?? shots[0];
  const blurAbove = settings?.blur_above ?? 1;
  const name = nameOf(item);
  const key = previewKey(item);
  const hidden = (each: Shot) => isBlurred(each.level, blurAbove) && !uncovered.has(each.which);
  const cover = <TonalCover name={name} kind={item.kind} />;

  return (
    <div className="shrink-0">
      <div className="relative aspect-[4/3.4] max-h-[46vh] w-full overflow-hidden bg-raised">
        {shot ? (
          <Picture
            key={shot.which}
            src={platform.previewUrl(item.id, shot.which, key)}
            video={shot.video}
            blurred={hidden(shot)}
            cover={cover}
            alt={text.inspector.previewOf(name)}
            controls
          />
        ) : (
          cover
        )}
        {shot && hidden(shot) && (
          <div className="absolute inset-0 grid place-content-center justify-items-center gap-2.5 bg-[#0d0e1066] text-sm text-on-scrim">
            <span className="rounded bg-scrim px-2 py-0.5">{text.inspector.blurred(text.level(shot.level))}</span>
            <button
              type="button"
              onClick={() => setUncovered(new Set([...uncovered, shot.which]))}
              className="inline-flex h-8 items-center gap-1.5 rounded-lg bg-scrim px-3 font-medium text-on-scrim hover:bg-[#000000e0]"
            >
              <Eye aria-hidden size={14} />
              {text.inspector.show}
            </button>
          </div>
        )}
      </div>
      {shots.length > 1 && (
        <div role="group" aria-label={text.inspector.previews} className="flex gap-1.5 px-4 pt-3">
          {shots.slice(0, mostThumbs).map((each, index) => (
            <button
              key={each.which}
              type="button"
              aria-label={text.inspector.preview(index + 1, shots.length)}
              aria-pressed={each === shot}
              onClick={() => setAt(index)}
              className={cx(
                "relative size-9.5 shrink overflow-hidden rounded",
                each === shot ? "ring-2 ring-accent ring-offset-2 ring-offset-panel" : "opacity-80 hover:opacity-100",
              )}
            >
              <Picture
                small
                src={platform.previewUrl(item.id, each.which, key)}
                video={each.video}
                blurred={hidden(each)}
                cover={<span className="absolute inset-0 bg-raised" />}
              />
            </button>
          ))}
        </div>
      )}
      {shot?.prompt != null && !hidden(shot) && (
        <details className="px-4 pt-2.5 text-sm text-dim">
          <summary className="w-fit cursor-default rounded text-faint hover:text-text">{text.inspector.prompt}</summary>
          <p className="mt-1 max-h-32 overflow-y-auto wrap-anywhere select-text" tabIndex={0}>
            {shot.prompt}
          </p>
        </details>
      )}
    </div>
  );
}
