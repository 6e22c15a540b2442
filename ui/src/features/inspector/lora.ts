/** A LoRA as it stands in a prompt: `<lora:name:0.8>`, by the file's name without its ending. The weight is remembered. */
import type { ItemDetail } from "../../bindings/ItemDetail";
import type { LibraryItem } from "../../bindings/LibraryItem";

const store = "modeldock.weights";
const most = 200;
const kinds = ["LORA", "LoCon", "LoHa", "DoRA"];

export function isLora(item: LibraryItem): boolean {
  return kinds.includes(item.kind);
}

export function loraTag(fileName: string, weight: number): string {
  return `<lora:${stemOf(fileName)}:${String(Number(weight.toFixed(2)))}>`;
}

export function stemOf(fileName: string): string {
  return fileName.replace(/\.(safetensors|sft|ckpt|pt|pth|bin)$/i, "");
}

/** What was used last for this file, else what a tool noted beside it, else 1. */
export function weightOf(item: LibraryItem, sidecars: ItemDetail["sidecars"] | undefined): number {
  const kept = weights()[item.file_name];
  const noted = sidecars?.find(({ preferred_weight: weight }) => weight !== null && weight !== 0)?.preferred_weight;
  return kept ?? noted ?? 1;
}

export function rememberWeight(fileName: string, weight: number): void {
  const others = Object.entries(weights()).filter(([name]) => name !== fileName);
  localStorage.setItem(store, JSON.stringify(Object.fromEntries([...others, [fileName, weight]].slice(-most))));
}

function weights(): Record<string, number> {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(store) ?? "{}");
    if (typeof kept !== "object" || kept === null) return {};
    return Object.fromEntries(Object.entries(kept).filter((each): each is [string, number] => typeof each[1] === "number"));
  } catch {
    // Written by another version, or by hand: begin anew.
    return {};
  }
}
