import { Play } from "lucide-react";
import { memo } from "react";

import { usePlatform } from "../../api/client";
import type { DiscoverModel } from "../../bindings/DiscoverModel";
import type { ModelMarks } from "../../bindings/ModelMarks";
import type { Settings } from "../../bindings/Settings";
import { cx } from "../../components/cx";
import { Picture } from "../../components/picture";
import { TonalCover } from "../../components/tonal-cover";
import { text } from "../../text";
import { visible } from "../../text/visible";
import { isBlurred } from "../library/item";
import { accessShort, markOf, MarkWord } from "./marks";

export const metaHeight = 56;

const badge = "absolute rounded-sm bg-scrim px-1.5 py-px text-[0.65625rem] leading-4 text-on-scrim";

/** A model among many. The words come first in the document, as a reader says them; on screen the picture is above. */
export const Card = memo(function Card({
  model,
  marks,
  settings,
  active,
}: {
  model: DiscoverModel | null;
  marks: ModelMarks | undefined;
  settings: Settings | undefined;
  active: boolean;
}) {
  const frame = cx(
    "flex size-full overflow-hidden rounded-lg border border-line bg-panel transition-colors group-hover:border-line2",
    active && "group-focus-visible/list:outline-2 group-focus-visible/list:outline-offset-2 group-focus-visible/list:outline-accent",
  );
  if (model === null) {
    return (
      <div className={cx(frame, "flex-col")}>
        <div className="flex-1 animate-breathe bg-raised" />
        <div className="flex flex-col gap-2 p-2.5">
          <div className="h-2.5 w-4/5 rounded bg-raised" />
          <div className="h-2 w-1/2 rounded bg-raised" />
        </div>
      </div>
    );
  }
  const name = visible(model.name);
  const mark = markOf(marks);
  const access = accessShort(model.access);
  const mode = model.mode === null ? null : (text.discover.modeShort[model.mode] ?? model.mode);
  const says = [mode, access].filter((word) => word !== null);
  return (
    <div className={cx(frame, "flex-col-reverse")}>
      <div className="shrink-0 px-2.5 pt-2" style={{ height: metaHeight - 1 }}>
        <strong className="block truncate font-medium" title={name}>
          <bdi>{name}</bdi>
        </strong>
        <Pause />
        <span className="flex items-center gap-1.5 text-xs text-faint">
          {mark === null ? (
            <bdi className="truncate">{model.creator === null ? "Civitai" : visible(model.creator)}</bdi>
          ) : (
            <span className="inline-flex min-w-0 text-dim">
              <MarkWord mark={mark} />
            </span>
          )}
          {model.downloads !== null && (
            <>
              <Pause />
              <span className="ml-auto shrink-0 tabular-nums" title={text.discover.downloads(model.downloads)}>
                <span aria-hidden>↓ </span>
                {text.discover.downloadsShort(model.downloads)}
                <span className="sr-only"> downloads</span>
              </span>
            </>
          )}
        </span>
        <Pause />
      </div>
      <div className="relative min-h-0 flex-1 overflow-hidden">
        <div className="absolute inset-0 overflow-hidden">
          <CatalogueCover model={model} settings={settings} />
        </div>
        <span className={cx(badge, "top-2 left-2 flex max-w-[calc(100%-1rem)] gap-1.5")}>
          <b className="shrink-0 font-semibold">{text.kind(model.kind)}</b>
          <Pause />
          {model.base_model !== null && <span className="truncate">{model.base_model}</span>}
        </span>
        {says.length > 0 && <span className={cx(badge, "bottom-2 left-2")}>{says.join(", ")}</span>}
        {model.cover?.video === true && (
          <span className={cx(badge, "right-2 bottom-2 grid h-5 place-items-center")}>
            <Play aria-hidden size={10} fill="currentColor" />
            <span className="sr-only">{text.discover.video}</span>
          </span>
        )}
      </div>
    </div>
  );
});

/** A video is many times as large as a picture and is fetched only on the model's page. */
export function CatalogueCover({ model, settings }: { model: DiscoverModel; settings: Settings | undefined }) {
  const platform = usePlatform();
  const { cover } = model;
  const src = cover === null || cover.video || settings?.remote_previews !== true ? null : platform.cataloguePictureUrl(cover.key, "thumb");
  return (
    <Picture
      src={src}
      video={false}
      // Before the settings are known, nothing above the mildest level is shown.
      blurred={isBlurred(cover?.nsfw_level ?? 0, settings?.blur_above ?? 1)}
      cover={<TonalCover name={visible(model.name)} kind={model.kind} />}
    />
  );
}

/** A comma for the ear. */
function Pause() {
  return <span className="sr-only">, </span>;
}
