import { useSyncExternalStore } from "react";

/** The place in the page's address after `#/`; back and forward work. */
export function usePlace(): string {
  return useSyncExternalStore(listen, here);
}

function here(): string {
  return location.hash.replace(/^#\/?/, "");
}

function listen(listener: () => void): () => void {
  window.addEventListener("hashchange", listener);
  return () => window.removeEventListener("hashchange", listener);
}

export function goTo(place: string): void {
  if (here() !== place || !place.includes("/")) {
    location.hash = `#/${place}`;
    return;
  }
  // What was opened by its address and closed since is opened again.
  const [first = ""] = place.split("/");
  window.addEventListener("hashchange", () => (location.hash = `#/${place}`), { once: true });
  location.hash = `#/${first}`;
}

/** By keyboard: the place, and the focus in it. */
export function goInto(place: string): void {
  const focus = () => requestAnimationFrame(focusMain);
  if (here() === place) focus();
  else window.addEventListener("hashchange", focus, { once: true });
  goTo(place);
}

export function focusMain(): void {
  const main = document.getElementById("main");
  // A list in it first: of several that match, the page's order would give the place around it.
  (main?.querySelector<HTMLElement>('[role="listbox"], [role="grid"]') ?? main)?.focus();
}
