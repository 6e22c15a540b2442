import { usePlatform } from "../../api/client";
import type { LibraryItem } from "../../bindings/LibraryItem";
import type { Settings } from "../../bindings/Settings";
import { cx } from "../../components/cx";
import { Picture } from "../../components/picture";
import { TonalCover } from "../../components/tonal-cover";
import { hasCover, isBlurred, nameOf, previewKey } from "./item";
import type { Tone } from "./item";

/** An item's cover, blurred where the setting asks for it. */
export function Cover({
  item,
  settings,
  small = false,
}: {
  item: LibraryItem;
  settings: Settings | undefined;
  small?: boolean;
}) {
  const platform = usePlatform();
  const src = hasCover(item, settings) ? platform.previewUrl(item.id, "thumb", previewKey(item)) : null;
  const tonal = <TonalCover name={nameOf(item)} kind={item.kind} />;
  return (
    <Picture
      small={small}
      src={src}
      video={item.preview_is_video && !item.has_local_preview}
      // Before the settings are known, nothing above the mildest level is shown.
      blurred={isBlurred(item.cover_level, settings?.blur_above ?? 1)}
      // Drawing one for every card that flies past, only for its picture to take its place, is what stutters.
      cover={src === null ? tonal : null}
      fallback={tonal}
    />
  );
}

const dots: Record<Tone, string> = {
  good: "bg-good",
  known: "bg-dim",
  probable: "bg-probable",
  faint: "bg-transparent ring-[1.5px] ring-inset ring-faint",
  warn: "bg-warn",
  bad: "bg-bad",
};

export function StateDot({ tone }: { tone: Tone }) {
  return <i aria-hidden className={cx("size-1.75 shrink-0 rounded-full", dots[tone])} />;
}
