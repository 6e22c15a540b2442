import { Maximize2 } from "lucide-react";
import { useState } from "react";

import { usePlatform } from "../../api/client";
import type { LibraryItem } from "../../bindings/LibraryItem";
import type { PreviewInfo } from "../../bindings/PreviewInfo";
import type { Settings } from "../../bindings/Settings";
import { IconButton } from "../../components/button";
import { cx } from "../../components/cx";
import { lazily } from "../../components/lazily";
import { Picture } from "../../components/picture";
import { TonalCover } from "../../components/tonal-cover";
import { phoneWidth, useMedia } from "../../components/use-media";
import type { PreviewIndex } from "../../platform";
import { text } from "../../text";
import { isBlurred, nameOf, previewKey } from "../library/item";
import { Prompt } from "./prompt";
import { shotsOf } from "./shots";
import type { Shot } from "./shots";
import { Strip } from "./strip";
import { Veil } from "./veil";

const Viewer = lazily(
  () => import("./viewer").then((part) => part.Viewer),
  () => null,
);

/** The preview that was chosen, the others beneath it, and the way to see it whole. */
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
  const phone = useMedia(phoneWidth);
  const shots = shotsOf(item, previews, settings);
  const [chosen, setChosen] = useState(0);
  const [viewing, setViewing] = useState(false);
  const [uncovered, setUncovered] = useState<ReadonlySet<PreviewIndex>>(new Set());
  const at = chosen < shots.length ? chosen : 0;
  const shot = shots[at];
  // Before the settings are known, nothing above the mildest level is shown.
  const blurAbove = settings?.blur_above ?? 1;
  const name = nameOf(item);
  const urlOf = (each: Shot) => platform.previewUrl(item.id, each.which, previewKey(item));
  const isHidden = (each: Shot) => isBlurred(each.level, blurAbove) && !uncovered.has(each.which);
  const uncover = (each: Shot) => setUncovered(new Set([...uncovered, each.which]));
  const cover = <TonalCover name={name} kind={item.kind} />;
  const open = shot !== undefined && !isHidden(shot);

  return (
    <div className="shrink-0">
      <div
        className={cx("relative aspect-[4/3.4] max-h-[46vh] w-full overflow-hidden bg-raised", open && !shot.video && "cursor-zoom-in")}
        // For the pointer; the keyboard has the button.
        onClick={(event) => open && event.target instanceof HTMLImageElement && setViewing(true)}
      >
        {shot ? (
          <Picture key={shot.which} src={urlOf(shot)} video={shot.video} blurred={isHidden(shot)} cover={cover} alt={text.inspector.previewOf(name)} controls />
        ) : (
          cover
        )}
        {shot !== undefined && isHidden(shot) && <Veil level={shot.level} onShow={() => uncover(shot)} />}
        {shot !== undefined && (
          <IconButton
            label={text.inspector.enlarge}
            onClick={() => setViewing(true)}
            className={cx("absolute top-2.5 size-7 bg-scrim text-on-scrim hover:bg-[#000000e0] hover:text-on-scrim", phone ? "right-11" : "left-2.5")}
          >
            <Maximize2 aria-hidden size={14} />
          </IconButton>
        )}
      </div>
      {shots.length > 1 && (
        <Strip
          shots={shots}
          at={at}
          onAt={setChosen}
          thumb={(each) => <Picture small src={urlOf(each)} video={each.video} blurred={isHidden(each)} cover={<span className="absolute inset-0 bg-raised" />} />}
        />
      )}
      {shot?.prompt != null && open && (
        <details className="px-4 pt-1.5 text-sm text-dim">
          <summary className="w-fit cursor-default rounded text-faint hover:text-text">{text.inspector.prompt}</summary>
          <Prompt prompt={shot.prompt} className="mt-1" />
        </details>
      )}
      {viewing && shot !== undefined && (
        <Viewer name={name} shots={shots} at={at} onAt={setChosen} urlOf={urlOf} isHidden={isHidden} onShow={uncover} onClose={() => setViewing(false)} />
      )}
    </div>
  );
}
