/** A few models that are not what they seem, for looking at what the page makes of them. */
import type { LibraryItem } from "../bindings/LibraryItem";

const script = '<img src=x onerror="window.acted = true"><script>window.acted = true</script>';

const hostile: Partial<LibraryItem>[] = [
  { model_name: null, file_name: "holiday_\u202Esrosnetefas\u200B.ckpt", path: "/home/sam/\u2067models\u2069/holiday_\u202Esrosnetefas\u200B.ckpt", preview_is_video: true },
  { model_name: script, version_name: script, creator: script, base_model: script, trained_words: [script, ...Array.from({ length: 400 }, (_, index) => `word ${index}`)] },
  { model_name: "\u062D\u0628\u0631 \u0648\u0645\u0627\u0621 v2", file_name: "\u062D\u0628\u0631.safetensors" },
  { model_name: "W".repeat(600), creator: "M".repeat(300), trained_words: ["x".repeat(4000)] },
];

export function makeHostile(items: LibraryItem[]): void {
  // What was changed last comes first.
  const [first] = items;
  hostile.forEach((part, index) => Object.assign(items[index] ?? {}, { modified_at: (first?.modified_at ?? 0) - index, kind: "LORA" }, part));
}

export function isHostile(item: LibraryItem): boolean {
  return item.model_name === script;
}

/** What an author might write to act in the page. */
export const hostileDescription =
  `<p>Fine <a href="javascript:window.acted=true">one</a> <a href="https://civitai.com/x">two</a></p>${script}` +
  `<svg onload="window.acted=true"></svg><iframe srcdoc="<script>parent.acted=true</script>"></iframe><form action="https://evil.invalid"><input name="key"></form>` +
  `<style>*{display:none}</style><p style="position:fixed;inset:0" onclick="window.acted=true">cover</p>` +
  `<math><mtext><table><mglyph><style><img src=x onerror="window.acted=true"></style></mglyph></table></mtext></math>`;
