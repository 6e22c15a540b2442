/** Fetches the places that are not shown yet, once the one that is has what it asked for. */
import { useEffect } from "react";

import { useQuiet } from "./api/quiet";
import { preloadPlaces } from "./places";

/** Idle is not enough: while the engine answers, the page has nothing to do, and would be late with the answer. */
export function Preload(): null {
  const quiet = useQuiet();
  useEffect(() => {
    if (!quiet) return;
    const fetchTheRest = () => void preloadPlaces();
    // Where the browser cannot say when it is idle, a moment is long enough.
    if (!("requestIdleCallback" in window)) {
      const timer = setTimeout(fetchTheRest, 1_500);
      return () => clearTimeout(timer);
    }
    const idle = requestIdleCallback(fetchTheRest, { timeout: 5_000 });
    return () => cancelIdleCallback(idle);
  }, [quiet]);
  return null;
}
