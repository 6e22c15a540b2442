/**
 * A calm cover for what has no picture: three tonal layers whose shape comes from the name and whose hue from the
 * kind, so that a shelf of unknown files is still told apart. The same name always looks the same.
 */
import { memo } from "react";

export function seedOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}

/** A small deterministic stream of numbers from 0 to 1. */
export function numbers(seed: number): () => number {
  let state = seed || 1;
  return () => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d);
    state = Math.imul(state ^ (state >>> 12), 0x297a2d39);
    state ^= state >>> 15;
    return (state >>> 0) / 0x1_0000_0000;
  };
}

/** Up to two letters to know it by. */
export function monogram(name: string): string {
  const words = name.replace(/\.[a-z0-9]+$/i, "").split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  const [first = "", second] = words;
  return second === undefined ? first.slice(0, 2) : first.slice(0, 1) + second.slice(0, 1);
}

export const TonalCover = memo(function TonalCover({ name, kind }: { name: string; kind: string }) {
  const random = numbers(seedOf(name));
  const hue = Math.round((seedOf(kind) % 360) + (random() - 0.5) * 50);
  const tone = (layer: 1 | 2 | 3) => ({ fill: `oklch(var(--cover-${layer}) var(--cover-chroma) ${hue})` });
  const swell = (base: number) => {
    const left = base + (random() - 0.5) * 26;
    const right = base + (random() - 0.5) * 26;
    const bend = base + (random() - 0.5) * 54;
    const bend2 = base + (random() - 0.5) * 54;
    return `M0 ${left.toFixed(1)}C30 ${bend.toFixed(1)} 65 ${bend2.toFixed(1)} 100 ${right.toFixed(1)}V125H0Z`;
  };
  return (
    <svg
      aria-hidden
      data-cover="tonal"
      viewBox="0 0 100 125"
      preserveAspectRatio="xMidYMid slice"
      className="absolute inset-0 size-full"
    >
      <rect width="100" height="125" style={tone(1)} />
      <path d={swell(58)} style={tone(2)} />
      <path d={swell(92)} style={tone(3)} />
      <text
        x="50"
        y="66"
        textAnchor="middle"
        className="font-sans uppercase"
        style={{ fontSize: 24, fontWeight: 600, letterSpacing: 0.5, fill: "var(--cover-ink)" }}
      >
        {monogram(name)}
      </text>
    </svg>
  );
});
