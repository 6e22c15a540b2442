/** The previews of a model as they can be shown here. Pure. */
import type { LibraryItem } from "../../bindings/LibraryItem";
import type { PreviewInfo } from "../../bindings/PreviewInfo";
import type { Settings } from "../../bindings/Settings";
import type { PreviewIndex } from "../../platform";
import { hasCover, highestLevel } from "../library/item";

export interface Shot {
  which: PreviewIndex;
  video: boolean;
  level: number;
  prompt: string | null;
}

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
