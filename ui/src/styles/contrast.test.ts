import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

const css = readFileSync("src/styles/tokens.css", "utf8");

function tokens(selector: string): Map<string, string> {
  const block = css.slice(css.indexOf(selector)).split("}")[0] ?? "";
  return new Map([...block.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})\s*;/gi)].map(([, name, value]) => [name ?? "", value ?? ""]));
}

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

const surfaces = ["bg", "panel", "raised"];
const pairs: [string, string[]][] = [
  ["text", [...surfaces, "hover", "accent-wash", "warn-wash", "bad-wash"]],
  ["dim", [...surfaces, "hover", "accent-wash", "warn-wash", "bad-wash"]],
  ["faint", [...surfaces, "hover", "accent-wash"]],
  ["accent", surfaces],
  ["good", surfaces],
  ["warn", surfaces],
  ["bad", surfaces],
  ["probable", surfaces],
  ["accent-ink", ["accent-strong"]],
  ["bad-ink", ["bad-strong"]],
];

describe.each([
  ["dark", ":root"],
  ["light", '[data-theme="light"]'],
])("the %s theme", (_, selector) => {
  const colours = tokens(selector);
  test.each(pairs.flatMap(([ink, grounds]) => grounds.map((ground) => [ink, ground] as const)))(
    "%s on %s can be read",
    (ink, ground) => {
      expect(contrast(colours.get(ink) ?? "", colours.get(ground) ?? "")).toBeGreaterThanOrEqual(4.5);
    },
  );
});
