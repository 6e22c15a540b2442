/**
 * Puts rows into another order by dragging a handle. For pointers alone: a list that uses it has buttons or keys as well.
 * The rows stay where they are in the document and are only drawn elsewhere, so that nothing is lost by letting go.
 */
import { useEffect, useRef, useState } from "react";
import type { PointerEvent as ReactPointerEvent } from "react";

/** Where a row is, from the top of its list. */
export interface Span {
  top: number;
  height: number;
}

/** How far from its place a row is drawn; the dragged one is lifted. */
export interface Shift {
  by: number;
  lifted: boolean;
}

/** The place a dragged row would get: it goes past another as soon as its edge is past the other's middle. */
export function placeOf(rows: readonly Span[], from: number, by: number): number {
  const dragged = rows[from];
  if (dragged === undefined) return from;
  const top = dragged.top + by;
  const bottom = top + dragged.height;
  const middle = ({ top, height }: Span) => top + height / 2;
  const passedUp = rows.slice(0, from).filter((row) => middle(row) > top).length;
  const passedDown = rows.slice(from + 1).filter((row) => middle(row) < bottom).length;
  return from - passedUp + passedDown;
}

interface Drag {
  ids: string;
  id: number;
  from: number;
  to: number;
  by: number;
  height: number;
}

// Near an edge of what scrolls, the list scrolls along.
const edge = 48;
const most = 12;

export function useDragOrder(
  list: { current: { element: () => HTMLElement | null; spans: () => readonly Span[] } | null },
  ids: readonly number[],
  onDrop: (from: number, to: number) => void,
) {
  const [drag, setDrag] = useState<Drag | null>(null);
  const ending = useRef<AbortController | null>(null);
  const latest = useRef({ ids: "", onDrop });
  const joined = ids.join();
  useEffect(() => {
    latest.current = { ids: joined, onDrop };
  });
  useEffect(() => () => ending.current?.abort(), []);

  const start = (from: number) => (event: ReactPointerEvent) => {
    const rows = list.current;
    const element = rows?.element();
    const id = ids[from];
    const own = rows?.spans()[from];
    if (rows == null || element == null || id === undefined || own === undefined) return;
    if (event.button !== 0 || !event.isPrimary) return;
    // Neither text nor focus follows the pointer.
    event.preventDefault();
    ending.current?.abort();
    const end = (ending.current = new AbortController());
    const { signal } = end;
    const scroller = element.closest("main");
    // Where in its row it is held. Rows above may turn out higher than guessed when the list scrolls.
    const grip = event.clientY - element.getBoundingClientRect().top - own.top;
    let at = event.clientY;
    let now: Drag = { ids: joined, id, from, to: from, by: 0, height: own.height };
    const follow = () => {
      const spans = rows.spans();
      const [row, last] = [spans[from], spans.at(-1)];
      if (row === undefined || last === undefined) return;
      const by = at - element.getBoundingClientRect().top - grip - row.top;
      const held = Math.min(Math.max(by, -row.top), last.top + last.height - row.top - row.height);
      now = { ...now, by: held, to: placeOf(spans, from, held) };
      setDrag(now);
    };
    const scroll = () => {
      if (signal.aborted) return;
      if (scroller !== null) {
        const { top, bottom } = scroller.getBoundingClientRect();
        const over = Math.min(0, at - top - edge) + Math.max(0, at - bottom + edge);
        if (over !== 0) {
          scroller.scrollTop += Math.max(-most, Math.min(most, over / 4));
          follow();
        }
      }
      requestAnimationFrame(scroll);
    };
    const drop = () => {
      end.abort();
      // What came or went meanwhile has moved the places.
      if (latest.current.ids === joined && now.to !== from) latest.current.onDrop(from, now.to);
    };
    const move = (moved: PointerEvent) => {
      at = moved.clientY;
      follow();
    };
    const escape = (pressed: KeyboardEvent) => {
      if (pressed.key !== "Escape") return;
      pressed.stopPropagation();
      end.abort();
    };
    signal.addEventListener("abort", () => setDrag(null));
    window.addEventListener("pointermove", move, { signal });
    window.addEventListener("pointerup", drop, { signal });
    window.addEventListener("pointercancel", () => end.abort(), { signal });
    window.addEventListener("keydown", escape, { signal, capture: true });
    setDrag(now);
    requestAnimationFrame(scroll);
  };

  const shown = drag !== null && drag.ids === joined ? drag : null;
  return {
    dragged: shown === null ? null : shown.id,
    start,
    shiftOf: (index: number): Shift | null => (shown === null ? null : shiftIn(shown, index)),
  };
}

function shiftIn({ from, to, by, height }: Drag, index: number): Shift {
  if (index === from) return { by, lifted: true };
  const aside = index > from && index <= to ? -height : index < from && index >= to ? height : 0;
  return { by: aside, lifted: false };
}
