/** What opens over any place: the palette, the list of shortcuts, what was dropped, and what the website asks. Each is fetched when it is first wanted. */
import { useState } from "react";
import type { Dispatch, SetStateAction } from "react";

import { goTo } from "./components/use-place";
import { planPlace } from "./features/downloads/reference";
import type { Dropped } from "./features/drop/dropped";
import { DropOverlay } from "./features/drop/overlay";
import { useDrop } from "./features/drop/use-drop";
import type { Filter } from "./features/library/filter";
import { keyOf } from "./features/link/state";
import type { Asks } from "./features/link/use-asks";
import { useShortcuts } from "./features/shortcuts/use-shortcuts";
import { AskSheet, DropSheet, Palette, Shortcuts } from "./places";

export type Overlay = "palette" | "shortcuts" | null;

export function Overlays({
  overlay,
  asks,
  onOverlay,
  onLibrary,
}: {
  overlay: Overlay;
  asks: Asks;
  onOverlay: Dispatch<SetStateAction<Overlay>>;
  onLibrary: (filter: Partial<Filter>) => void;
}) {
  useShortcuts(onOverlay);
  const [dropped, setDropped] = useState<Exclude<Dropped, { of: "reference" }> | null>(null);
  const over = useDrop((what) => {
    if (what.of === "reference") goTo(planPlace(what.what));
    else setDropped(what);
  });
  return (
    <>
      {over !== null && <DropOverlay over={over} />}
      {dropped !== null && <DropSheet dropped={dropped} onClose={() => setDropped(null)} />}
      {overlay === "palette" && (
        <Palette
          // Where the list of shortcuts took its place there is nothing to close any more.
          onClose={() => onOverlay((now) => (now === "palette" ? null : now))}
          onShortcuts={() => onOverlay("shortcuts")}
          onLibrary={onLibrary}
        />
      )}
      {asks.shown !== null && <AskSheet key={keyOf(asks.shown)} ask={asks.shown} others={asks.others} onClose={asks.putOff} />}
      {overlay === "shortcuts" && <Shortcuts onClose={() => onOverlay(null)} />}
    </>
  );
}
