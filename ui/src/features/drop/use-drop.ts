/** Takes what is dragged onto the page from outside, wherever it is let go. What begins in the page itself is not meant. */
import { useEffect, useEffectEvent, useState } from "react";

import { usePlatform } from "../../api/client";
import { useReadOnly } from "../../api/read-only";
import { isWriting } from "../../shortcuts";
import { fromPaths, fromTransfer, overOf, overPaths } from "./dropped";
import type { Dropped, Over } from "./dropped";

// The browser says several times a second that something is still held; no word for so long means it is gone.
const gone = 700;

export function useDrop(onDropped: (dropped: Dropped) => void): Over | null {
  const platform = usePlatform();
  const readOnly = useReadOnly();
  const [over, setOver] = useState<Over | null>(null);
  /** A question that is open comes first; and where nothing may be changed, nothing is taken, nor opened in the page's place. */
  const isBusy = useEffectEvent(() => readOnly || document.querySelector("dialog[open]") !== null);
  const drop = useEffectEvent((dropped: Dropped) => {
    setOver(null);
    if (!isBusy()) onDropped(dropped);
  });

  useEffect(() => {
    let own = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const leave = () => {
      clearTimeout(timer);
      setOver(null);
    };
    const hold = (event: DragEvent) => {
      const shown = own || event.dataTransfer === null ? null : overOf(event.dataTransfer.types);
      // Words dragged into a field are the field's.
      if (shown === null || (shown.of === "link" && isWriting(event.target))) return;
      event.preventDefault();
      if (event.dataTransfer) event.dataTransfer.dropEffect = isBusy() ? "none" : "copy";
      clearTimeout(timer);
      timer = setTimeout(leave, gone);
      if (!isBusy()) setOver((now) => (now?.of === shown.of ? now : shown));
    };
    const letGo = (event: DragEvent) => {
      leave();
      if (own || event.dataTransfer === null) return;
      const dropped = fromTransfer(event.dataTransfer);
      const words = dropped.of === "unknown" || dropped.of === "reference";
      if (dropped.of === "unknown" && isWriting(event.target)) return;
      // A file would be opened in the page's place.
      if (words || dropped.of === "names") event.preventDefault();
      drop(dropped);
    };
    const begin = () => (own = true);
    const end = () => (own = false);
    const out = (event: DragEvent) => event.relatedTarget === null && leave();
    const until = new AbortController();
    const { signal } = until;
    window.addEventListener("dragstart", begin, { signal });
    window.addEventListener("dragend", end, { signal });
    window.addEventListener("dragenter", hold, { signal });
    window.addEventListener("dragover", hold, { signal });
    window.addEventListener("dragleave", out, { signal });
    window.addEventListener("drop", letGo, { signal });
    return () => {
      until.abort();
      clearTimeout(timer);
    };
  }, []);

  useEffect(
    () =>
      platform.onFileDrag((drag) => {
        if (drag.type === "leave") setOver(null);
        else if (drag.type === "enter") setOver(isBusy() ? null : overPaths(drag.paths));
        else drop(fromPaths(drag.paths));
      }),
    [platform],
  );
  return over;
}
