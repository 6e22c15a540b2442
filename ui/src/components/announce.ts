/** Says something to a screen reader, without moving anything on screen. */
let region: HTMLElement | null = null;

function liveRegion(): HTMLElement {
  if (region?.isConnected) return region;
  region = document.createElement("div");
  region.setAttribute("role", "status");
  region.setAttribute("aria-live", "polite");
  region.className = "sr-only";
  document.body.append(region);
  return region;
}

export function announce(message: string): void {
  const place = liveRegion();
  // The same words twice are only read twice if they went away in between.
  place.textContent = "";
  setTimeout(() => {
    place.textContent = message;
  }, 50);
}
