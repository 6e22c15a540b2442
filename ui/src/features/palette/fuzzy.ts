/** How well a few typed letters fit a title. Pure. */

const accents = /[\u0300-\u036f]/g;

function plain(text: string): string {
  return text.normalize("NFD").replace(accents, "").toLowerCase();
}

/** `null` where it does not fit; the higher the better. Every word must be found, in any order. */
export function score(typed: string, title: string, also = ""): number | null {
  const inTitle = plain(title);
  const inAlso = plain(also);
  let sum = 0;
  for (const word of plain(typed).split(/\s+/).filter(Boolean)) {
    const found = wordScore(word, inTitle) ?? (startsWord(word, inAlso) ? 30 : null);
    if (found === null) return null;
    sum += found;
  }
  // Of two that fit as well, the shorter says more.
  return sum - title.length / 100;
}

function wordScore(word: string, title: string): number | null {
  if (title.startsWith(word)) return 100;
  if (startsWord(word, title)) return 80;
  if (title.includes(word)) return 50;
  return letters(word, title);
}

function startsWord(word: string, text: string): boolean {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    if (at === 0 || !/[\p{L}\p{N}]/u.test(text.charAt(at - 1))) return true;
  }
  return false;
}

/** All letters in order, with gaps: `scn` fits `scan now`. The first begins a word, else anything would fit anything. */
function letters(word: string, title: string): number | null {
  for (const begin of title.matchAll(/[\p{L}\p{N}]+/gu)) {
    let at = begin.index;
    let gaps = 0;
    let fits = title.charAt(at) === word.charAt(0);
    for (let letter = 1; fits && letter < word.length; letter += 1) {
      const next = title.indexOf(word.charAt(letter), at + 1);
      fits = next >= 0;
      gaps += next - at - 1;
      at = next;
    }
    if (fits && gaps <= 3 * word.length) return Math.max(1, 25 - gaps);
  }
  return null;
}
