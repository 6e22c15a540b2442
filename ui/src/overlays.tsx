/** What opens over any place: the palette, the list of shortcuts, and what was dropped. Each is fetched when it is first wanted. */
import { useState } from "react";
import type { Dispatch, SetStateAction } from "react";

import { goTo } from "./components/use-place";
import { planPlace } from "./features/downloads/reference";
import type { Dropped } from "./features/drop/dropped";
import { DropOverlay } from "./features/drop/overlay";
import { useDrop } from "./features/drop/use-drop";
import type { Filter } from "./features/library/filter";
import { useShortcuts } from "./features/shortcuts/use-shortcuts";
import { DropSheet, Palette, Shortcuts } from "./places";

export type Overlay = "palette" | "shortcuts" | null;

export function Overlays({
  overlay,
  onOverlay,
  onLibrary,
}: {
  overlay: Overlay;
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
      {overlay === "shortcuts" && <Shortcuts onClose={() => onOverlay(null)} />}
    </>
  );
}
