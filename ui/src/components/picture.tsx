/** A picture or video that fades in when it is there and makes room for its cover when it is not. */
import { useRef, useState } from "react";
import type { ReactNode } from "react";

import { cx } from "./cx";

export function Picture({
  src,
  video,
  blurred,
  cover,
  alt = "",
  controls = false,
  small = false,
  fit = "cover",
  autoPlay = false,
  fallback = cover,
}: {
  /** `null` where there is nothing to fetch. */
  src: string | null;
  video: boolean;
  blurred: boolean;
  /** Under it until it is there; `null` where what lies behind is cover enough. */
  cover: ReactNode;
  alt?: string;
  controls?: boolean;
  /** A thumbnail: a blur fit for a card would leave nothing of it. */
  small?: boolean;
  fit?: "cover" | "contain";
  /** A video begins by itself, unless the person asked for less motion. */
  autoPlay?: boolean;
  /** In place of what cannot be shown. */
  fallback?: ReactNode;
}) {
  const [ready, setReady] = useState<string | null>(null);
  const [broken, setBroken] = useState<string | null>(null);
  // A video's cover may be sent as a still picture: what the element cannot play is tried as a picture.
  const [still, setStill] = useState<string | null>(null);

  const appeared = useRef(0);
  const look = cx(
    "absolute inset-0 size-full",
    fit === "cover" ? "object-cover" : "object-contain",
    // Marked on the element itself: in a list that is scrolled, many pictures arrive in every frame.
    cover === null && "opacity-0 data-ready:opacity-100 data-[ready=late]:transition-opacity",
    cover !== null && "transition-opacity",
    cover !== null && (ready === src ? "opacity-100" : "opacity-0"),
    blurred && (small ? "scale-140 blur-[7px]" : "scale-150 blur-2xl"),
  );
  const shown = src !== null && broken !== src;
  return (
    <>
      {shown ? ready !== src && cover : src === null ? cover : fallback}
      {shown &&
        (video && still !== src ? (
          <video
            key={src}
            src={src}
            aria-label={alt}
            aria-hidden={alt === ""}
            tabIndex={controls && !blurred ? undefined : -1}
            className={look}
            muted
            loop
            playsInline
            preload="metadata"
            controls={controls && !blurred}
            autoPlay={autoPlay && !blurred && !prefersStill()}
            onLoadedData={(event) => {
              if (cover !== null) setReady(src);
              else event.currentTarget.dataset["ready"] = "late";
            }}
            onError={() => setStill(src)}
            onPointerEnter={(event) => {
              if (!controls && !prefersStill()) void event.currentTarget.play().catch(ignore);
            }}
            onPointerLeave={(event) => {
              if (!controls) event.currentTarget.pause();
            }}
          />
        ) : (
          <img
            key={src}
            src={src}
            alt={alt}
            className={look}
            loading="lazy"
            decoding="async"
            draggable={false}
            ref={(element) => {
              if (element) appeared.current = performance.now();
            }}
            onLoad={(event) => {
              if (cover !== null) setReady(src);
              // What is there at once need not fade in.
              else event.currentTarget.dataset["ready"] = performance.now() - appeared.current > 200 ? "late" : "soon";
            }}
            onError={() => setBroken(src)}
          />
        ))}
    </>
  );
}

function prefersStill(): boolean {
  return window.matchMedia("(prefers-reduced-motion: reduce)").matches;
}

// A video that may not play yet stays a still picture.
function ignore(): void {
  /* nothing to do */
}
