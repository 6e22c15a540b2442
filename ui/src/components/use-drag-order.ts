/**
 * Puts rows into another order by dragging a handle. For pointers alone: a list that uses it has buttons or keys as well.
 * The rows stay where they are in the document and are only drawn elsewhere, so that nothing is lost by letting go.
 */
import { useEffect, useRef, useState } from "react";
import type { CSSProperties, PointerEvent as ReactPointerEvent, RefObject } from "react";

/** Where a row is drawn, from the top of its list. */
export interface Span {
  top: number;
  height: number;
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
  ids: readonly number[];
  rows: readonly Span[];
  from: number;
  to: number;
  by: number;
}

// Near an edge of what scrolls, the list scrolls along.
const edge = 48;
const most = 12;

export function useDragOrder<T extends HTMLElement>(
  list: RefObject<T | null>,
  ids: readonly number[],
  onDrop: (from: number, to: number) => void,
) {
  const [drag, setDrag] = useState<Drag | null>(null);
  const ending = useRef<AbortController | null>(null);
  const latest = useRef({ ids, onDrop });
  useEffect(() => {
    latest.current = { ids, onDrop };
  });
  useEffect(() => () => ending.current?.abort(), []);

  const start = (from: number) => (event: ReactPointerEvent) => {
    const element = list.current;
    if (element === null || event.button !== 0 || !event.isPrimary) return;
    // Neither text nor focus follows the pointer.
    event.preventDefault();
    ending.current?.abort();
    const end = (ending.current = new AbortController());
    const { signal } = end;
    const box = element.getBoundingClientRect();
    const rows = [...element.children].map((row) => {
      const { top, height } = row.getBoundingClientRect();
      return { top: top - box.top, height };
    });
    const scroller = element.closest("main");
    const grip = event.clientY - box.top;
    let at = event.clientY;
    let now: Drag = { ids, rows, from, to: from, by: 0 };
    const follow = () => {
      const last = rows.at(-1);
      const row = rows[from];
      if (last === undefined || row === undefined) return;
      const by = at - element.getBoundingClientRect().top - grip;
      const held = Math.min(Math.max(by, -row.top), last.top + last.height - row.top - row.height);
      now = { ...now, by: held, to: placeOf(rows, from, held) };
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
    signal.addEventListener("abort", () => setDrag(null));
    const move = (moved: PointerEvent) => {
      at = moved.clientY;
      follow();
    };
    const drop = () => {
      end.abort();
      // What came or went meanwhile has moved the places.
      const same = latest.current.ids.join() === ids.join();
      if (same && now.to !== from) latest.current.onDrop(from, now.to);
    };
    const escape = (pressed: KeyboardEvent) => {
      if (pressed.key !== "Escape") return;
      pressed.stopPropagation();
      end.abort();
    };
    window.addEventListener("pointermove", move, { signal });
    window.addEventListener("pointerup", drop, { signal });
    window.addEventListener("pointercancel", () => end.abort(), { signal });
    window.addEventListener("keydown", escape, { signal, capture: true });
    setDrag(now);
    requestAnimationFrame(scroll);
  };

  const shown = drag !== null && drag.ids.join() === ids.join() ? drag : null;
  return {
    dragged: shown === null ? null : (ids[shown.from] ?? null),
    start,
    styleOf: (index: number): CSSProperties | undefined => (shown === null ? undefined : drawn(shown, index)),
  };
}

function drawn({ rows, from, to, by }: Drag, index: number): CSSProperties {
  if (index === from) return { transform: `translateY(${by}px)`, zIndex: 10, position: "relative" };
  const height = rows[from]?.height ?? 0;
  const shift = index > from && index <= to ? -height : index < from && index >= to ? height : 0;
  return { transform: `translateY(${shift}px)`, transition: "transform 120ms" };
}
