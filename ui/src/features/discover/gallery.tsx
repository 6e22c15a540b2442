import { Maximize2 } from "lucide-react";
import { useState } from "react";

import { usePlatform } from "../../api/client";
import type { DiscoverPicture } from "../../bindings/DiscoverPicture";
import type { Settings } from "../../bindings/Settings";
import { IconButton } from "../../components/button";
import { cx } from "../../components/cx";
import { lazily } from "../../components/lazily";
import { Picture } from "../../components/picture";
import { TonalCover } from "../../components/tonal-cover";
import type { PreviewIndex } from "../../platform";
import { text } from "../../text";
import { Prompt } from "../inspector/prompt";
import type { Shot } from "../inspector/shots";
import { Strip } from "../inspector/strip";
import { Veil } from "../inspector/veil";
import { isBlurred } from "../library/item";

const Viewer = lazily(
  () => import("../inspector/viewer").then((part) => part.Viewer),
  () => null,
);

/** The previews of a version: one at its full size, the others beneath it. Nothing is fetched where the setting forbids it. */
export function Gallery({ name, kind, pictures, settings }: { name: string; kind: string; pictures: readonly DiscoverPicture[]; settings: Settings | undefined }) {
  const platform = usePlatform();
  const [chosen, setChosen] = useState<number | null>(null);
  const [viewing, setViewing] = useState(false);
  const [uncovered, setUncovered] = useState<ReadonlySet<PreviewIndex>>(new Set());
  const blurAbove = settings?.blur_above ?? 1;
  const shots: Shot[] =
    settings?.remote_previews === true
      ? pictures.map(({ video, nsfw_level, prompt }, which) => ({ which, video, level: nsfw_level, prompt }))
      : [];
  // The first that may be seen, if there is one.
  const first = Math.max(0, shots.findIndex((shot) => !isBlurred(shot.level, blurAbove)));
  const at = chosen !== null && chosen < shots.length ? chosen : first;
  const shot = shots[at];
  const urlOf = (each: Shot, size: "thumb" | "whole" = "whole") => platform.cataloguePictureUrl(pictures[Number(each.which)]?.key ?? "", size);
  const isHidden = (each: Shot) => isBlurred(each.level, blurAbove) && !uncovered.has(each.which);
  const uncover = (each: Shot) => setUncovered(new Set([...uncovered, each.which]));
  const open = shot !== undefined && !isHidden(shot);
  const cover = <TonalCover name={name} kind={kind} />;
  return (
    <div className="overflow-hidden rounded-xl border border-line bg-panel pb-2 last:pb-0">
      <div
        className={cx("relative aspect-[4/3.4] max-h-[56vh] w-full overflow-hidden bg-raised", open && !shot.video && "cursor-zoom-in")}
        // For the pointer; the keyboard has the button.
        onClick={(event) => open && event.target instanceof HTMLImageElement && setViewing(true)}
      >
        {shot === undefined ? (
          cover
        ) : (
          <Picture key={shot.which} src={urlOf(shot)} video={shot.video} blurred={isHidden(shot)} cover={cover} fit="contain" alt={text.inspector.previewOf(name)} controls />
        )}
        {shot !== undefined && isHidden(shot) && <Veil level={shot.level} onShow={() => uncover(shot)} />}
        {shot !== undefined && (
          <IconButton
            label={text.inspector.enlarge}
            onClick={() => setViewing(true)}
            className="absolute top-2.5 right-2.5 size-7 bg-scrim text-on-scrim hover:bg-[#000000e0] hover:text-on-scrim"
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
          thumb={(each) =>
            each.video ? (
              <span className="absolute inset-0 bg-raised" />
            ) : (
              <Picture small src={urlOf(each, "thumb")} video={false} blurred={isHidden(each)} cover={<span className="absolute inset-0 bg-raised" />} />
            )
          }
        />
      )}
      {shot?.prompt != null && open && (
        <details className="px-4 pt-1.5 text-sm text-dim">
          <summary className="w-fit cursor-default rounded text-faint hover:text-text">{text.inspector.prompt}</summary>
          <Prompt prompt={shot.prompt} className="mt-1" />
        </details>
      )}
      {viewing && shot !== undefined && (
        <Viewer name={name} shots={shots} at={at} onAt={setChosen} urlOf={(each) => urlOf(each)} isHidden={isHidden} onShow={uncover} onClose={() => setViewing(false)} />
      )}
    </div>
  );
}
