import { useSyncExternalStore } from "react";

export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (listener) => {
      const list = window.matchMedia(query);
      list.addEventListener("change", listener);
      return () => list.removeEventListener("change", listener);
    },
    () => window.matchMedia(query).matches,
  );
}

/** The same widths as the variants `phone` and `wide` in main.css. */
export const phoneWidth = "(width < 44rem)";
export const wideWidth = "(width >= 68rem)";
