/**
 * What comes into sight is at first little more than a name. A row of full cards takes longer than a
 * frame to draw: they are filled in a few at a time, in the order in which they came, and not at all while they fly past.
 */
import { useEffect, useState } from "react";

/** How many are filled in within one frame. */
const perFrame = 2;

const waiting = new Set<() => void>();
let asked = false;

function fillIn() {
  asked = false;
  let left = perFrame;
  for (const fill of waiting) {
    if (left === 0) break;
    left -= 1;
    waiting.delete(fill);
    fill();
  }
  ask();
}

function ask() {
  if (asked || waiting.size === 0) return;
  asked = true;
  requestAnimationFrame(fillIn);
}

/** Whether something is to be drawn in full. What was drawn in full stays so. `rushing`: it flies past. */
export function useInFull(rushing: boolean): boolean {
  const [full, setFull] = useState(false);
  useEffect(() => {
    if (full || rushing) return;
    const fill = () => setFull(true);
    waiting.add(fill);
    ask();
    return () => void waiting.delete(fill);
  }, [full, rushing]);
  return full;
}
