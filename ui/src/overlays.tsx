/** What opens over any place: the palette and the list of shortcuts. Each is fetched when it is first wanted. */
import type { Dispatch, SetStateAction } from "react";

import type { Filter } from "./features/library/filter";
import { useShortcuts } from "./features/shortcuts/use-shortcuts";
import { Palette, Shortcuts } from "./places";

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
  return (
    <>
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
