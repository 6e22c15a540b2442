/**
 * The second guard: Rust has already sanitised what Civitai's authors wrote; what gets through here is text, lists,
 * emphasis and links. No pictures: they would be fetched from wherever the author pleased.
 */
import purify from "dompurify";

const allowed = {
  ALLOWED_TAGS: [
    "p", "br", "hr", "strong", "b", "em", "i", "u", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a", "span",
    "h1", "h2", "h3", "h4", "h5", "h6",
  ],
  ALLOWED_ATTR: ["href"],
  ALLOWED_URI_REGEXP: /^https?:/i,
};

export function sanitised(html: string): string {
  return purify.sanitize(html, allowed);
}
