/** The places there are, and which one an address names: `#/library/12` is the library with file 12 open. */
export type Place = "library" | "vault" | "downloads" | "discover" | "care" | "activity" | "needs" | "settings";

export const all: readonly Place[] = ["library", "vault", "downloads", "discover", "care", "activity", "needs", "settings"];

export function placeOf(address: string): { place: Place; rest: string } {
  const [first = "", ...rest] = address.split("/");
  return { place: all.find((place) => place === first) ?? "library", rest: rest.join("/") };
}

/** The file that is to be shown, if the address names one. */
export function fileOf(rest: string): number | null {
  return /^[1-9]\d{0,14}$/.test(rest) ? Number(rest) : null;
}
