import { ChevronLeft, ChevronRight, ImageOff, Minus, Plus, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import type { KeyboardEvent } from "react";

import { IconButton } from "../../components/button";
import { cx } from "../../components/cx";
import { Picture } from "../../components/picture";
import { useModal } from "../../components/use-modal";
import { isPressed, matches } from "../../shortcuts";
import { text } from "../../text";
import { Prompt } from "./prompt";
import type { Shot } from "./shots";
import { Veil } from "./veil";

const words = text.inspector.viewer;
const zooms = [1, 1.5, 2, 3, 4, 6];
const button = "text-on-scrim hover:bg-[#ffffff24] hover:text-on-scrim aria-disabled:opacity-40";

/** One preview in the whole window. The arrows go to the next, or move about in one that is enlarged. */
export function Viewer({
  name,
  shots,
  at,
  onAt,
  urlOf,
  isHidden,
  onShow,
  onClose,
}: {
  name: string;
  shots: readonly Shot[];
  at: number;
  onAt: (at: number) => void;
  urlOf: (shot: Shot) => string;
  isHidden: (shot: Shot) => boolean;
  onShow: (shot: Shot) => void;
  onClose: () => void;
}) {
  const dialog = useModal();
  const stage = useRef<HTMLDivElement>(null);
  const [step, setStep] = useState(0);
  const shot = shots[at];
  const zoom = zooms[step] ?? 1;
  const zoomable = shot !== undefined && !shot.video && !isHidden(shot);
  useEffect(() => stage.current?.focus(), []);
  useEffect(() => {
    // The middle stays where it is.
    const element = stage.current;
    if (element) element.scrollTo({ left: (element.scrollWidth - element.clientWidth) / 2, top: (element.scrollHeight - element.clientHeight) / 2 });
  }, [zoom]);

  const go = (by: number) => {
    const to = at + by;
    if (to < 0 || to >= shots.length) return;
    setStep(0);
    onAt(to);
  };
  const zoomBy = (by: number) => zoomable && setStep(Math.max(0, Math.min(zooms.length - 1, step + by)));
  const onKeyDown = (event: KeyboardEvent) => {
    event.stopPropagation();
    // A video has arrows of its own.
    if (event.target instanceof HTMLVideoElement) return;
    if (matches("shots", event) && zoom === 1) go(event.key === "ArrowLeft" ? -1 : 1);
    else if (matches("zoom", event) || isPressed("=", event)) zoomBy(event.key === "-" ? -1 : 1);
    else if (matches("fit", event)) setStep(0);
    else return;
    event.preventDefault();
  };
  const place = text.inspector.preview(at + 1, shots.length);

  return (
    <dialog
      ref={dialog}
      aria-label={text.inspector.previewOf(name)}
      onKeyDown={onKeyDown}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      className="m-0 size-full max-h-none max-w-none animate-appear bg-[#0d0e10] text-on-scrim backdrop:bg-[#000000]"
    >
      <div className="flex h-full flex-col">
        <div className="flex shrink-0 items-center gap-1 px-3 py-2">
          <p className="flex min-w-0 flex-1 items-baseline gap-3">
            <bdi className="truncate font-medium">{name}</bdi>
            <span role="status" className="shrink-0 text-sm text-[#b9bdc4] tabular-nums">
              {place}
            </span>
          </p>
          <IconButton label={words.smaller} className={button} aria-disabled={!zoomable || step === 0} onClick={() => zoomBy(-1)}>
            <Minus aria-hidden size={16} />
          </IconButton>
          <span className="w-11 text-center text-sm tabular-nums">{words.zoom(zoom)}</span>
          <IconButton label={words.larger} className={button} aria-disabled={!zoomable || step === zooms.length - 1} onClick={() => zoomBy(1)}>
            <Plus aria-hidden size={16} />
          </IconButton>
          <IconButton label={words.close} className={cx(button, "ml-2")} onClick={onClose}>
            <X aria-hidden size={17} />
          </IconButton>
        </div>
        <div className="relative min-h-0 flex-1">
          <div
            ref={stage}
            role="group"
            aria-label={zoom > 1 ? words.moved : place}
            tabIndex={0}
            className="size-full overflow-auto outline-offset-[-2px]"
            onDoubleClick={() => zoomable && setStep(step === 0 ? 2 : 0)}
          >
            {shot !== undefined && (
              <div className="relative overflow-hidden" style={{ width: `${zoom * 100}%`, height: `${zoom * 100}%` }}>
                <Picture
                  key={shot.which}
                  fit="contain"
                  src={urlOf(shot)}
                  video={shot.video}
                  blurred={isHidden(shot)}
                  controls
                  autoPlay
                  alt={`${text.inspector.previewOf(name)}, ${place}`}
                  cover={null}
                  fallback={
                    <div className="absolute inset-0 grid place-content-center justify-items-center gap-2 text-[#b9bdc4]">
                      <ImageOff aria-hidden size={24} strokeWidth={1.6} />
                      {words.broken}
                    </div>
                  }
                />
                {isHidden(shot) && <Veil level={shot.level} onShow={() => onShow(shot)} />}
              </div>
            )}
          </div>
          {shots.length > 1 && (
            <>
              <IconButton label={words.previous} aria-disabled={at === 0} onClick={() => go(-1)} className={cx(button, "absolute top-1/2 left-2 -translate-y-1/2 bg-scrim")}>
                <ChevronLeft aria-hidden size={18} />
              </IconButton>
              <IconButton label={words.next} aria-disabled={at === shots.length - 1} onClick={() => go(1)} className={cx(button, "absolute top-1/2 right-2 -translate-y-1/2 bg-scrim")}>
                <ChevronRight aria-hidden size={18} />
              </IconButton>
            </>
          )}
        </div>
        {shot?.prompt != null && !isHidden(shot) && <Prompt prompt={shot.prompt} className="mx-auto w-full max-w-3xl shrink-0 px-4 py-3 [&_button]:text-on-scrim [&_button:hover]:bg-[#ffffff24]" />}
      </div>
    </dialog>
  );
}
