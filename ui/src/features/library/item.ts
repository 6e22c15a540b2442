/** How one row is told: its name, its state in a word, its preview. Pure. */
import type { LibraryItem } from "../../bindings/LibraryItem";
import type { Settings } from "../../bindings/Settings";
import { text } from "../../text";
import { visible } from "../../text/visible";

/** What could be mistaken in it is made visible. */
export function nameOf(item: LibraryItem): string {
  return visible(item.model_name ?? item.file_name.replace(/\.(safetensors|ckpt|pt|pth|bin|gguf|sft)$/i, ""));
}

export type Tone = "good" | "known" | "probable" | "faint" | "warn" | "bad";

/** Read in full, and Civitai lists exactly this content. Nothing else may be called verified or look like it. */
export function isVerified(item: LibraryItem): boolean {
  const whole = item.matched_by === null || item.matched_by === "sha256" || item.matched_by === "blake3";
  return item.state === "matched" && item.provenance === "measured" && whole;
}

export function stateWord(item: LibraryItem): { word: string; tone: Tone } {
  if (item.missing) return { word: text.library.missingWord, tone: "warn" };
  const word = text.state(item.state);
  switch (item.state) {
    case "matched":
      return { word, tone: isVerified(item) ? "good" : "known" };
    case "probable":
      return { word, tone: "probable" };
    case "not_found":
      return { word, tone: "faint" };
    case "pending":
      return { word, tone: item.problem === null ? "faint" : "warn" };
    case "failed":
      return { word, tone: "bad" };
  }
}

/** The highest level in a mask decides; 0 is unrated. */
export function highestLevel(mask: number): number {
  return mask <= 0 ? 0 : 2 ** Math.floor(Math.log2(mask));
}

export function isBlurred(mask: number, blurAbove: number): boolean {
  // 16 is the highest level a person can ask for: then nothing is blurred.
  return blurAbove < 16 && highestLevel(mask) > blurAbove;
}

/** Changes whenever the picture may have changed. */
export function previewKey(item: LibraryItem): string {
  return `${item.version_id ?? 0}.${item.has_local_preview ? 1 : 0}.${item.modified_at}`;
}

export function hasCover(item: LibraryItem, settings: Settings | undefined): boolean {
  return item.has_local_preview || (item.preview_count > 0 && settings?.remote_previews !== false);
}
