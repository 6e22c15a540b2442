/**
 * Makes what cannot be seen in a name visible. A name may carry characters that turn its order round or take no room,
 * so that `a[U+202E]gpj.ckpt` reads as something else than it is. Letters of every script stay as they are.
 */

// Controls, marks and overrides of direction, spaces of no width; then letters that are drawn as nothing.
const hidden = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|\u034f|\u115f|\u1160|\u17b4|\u17b5|\u3164|\uffa0/gu;
// Joiners belong into emoji and into some scripts, but not between plain letters.
const joiner = /(^|[\u0020-\u007e])[\u200c\u200d]+|[\u200c\u200d]+(?=[\u0020-\u007e]|$)/g;

export function visible(text: string): string {
  return text.replace(hidden, named).replace(joiner, (found) => found.replace(/[\u200c\u200d]/g, named));
}

function named(character: string): string {
  return `[U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}]`;
}
