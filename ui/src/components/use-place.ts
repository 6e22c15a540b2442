import { useSyncExternalStore } from "react";

/** The place in the page's address after `#/`; back and forward work. */
export function usePlace(): string {
  return useSyncExternalStore(listen, () => location.hash.replace(/^#\/?/, ""));
}

function listen(listener: () => void): () => void {
  window.addEventListener("hashchange", listener);
  return () => window.removeEventListener("hashchange", listener);
}

export function goTo(place: string): void {
  location.hash = `#/${place}`;
}
