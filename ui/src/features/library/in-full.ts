/**
 * What comes into sight is at first little more than a name. A row of full cards takes longer than a
 * frame to draw: they are filled in a few at a time, in the order in which they came, and not at all while they fly past.
 */
import { useEffect, useState } from "react";

/** How many are filled in within one frame; and within one that is late already. */
const perFrame = 2;
const perLateFrame = 1;
/** Milliseconds between two frames from which on the later one is late: more than one of sixty in a second. */
const late = 25;

const waiting = new Set<() => void>();
let asked = false;
let before = 0;

function fillIn(at: number) {
  asked = false;
  let left = at - before > late ? perLateFrame : perFrame;
  before = at;
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
