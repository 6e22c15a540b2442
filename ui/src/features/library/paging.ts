/** Which pages of the list must be there to show a range of rows. Pure. */

export const pageSize = 200;

export interface Range {
  /** First row, from 0. */
  start: number;
  /** One past the last row. */
  end: number;
}

/** The pages that cover the range and `ahead` rows on both sides, in order. */
export function pagesFor(range: Range, total: number, ahead = 60): number[] {
  if (total <= 0 || range.end <= range.start) return [0];
  const last = Math.floor((total - 1) / pageSize);
  const from = clamp(Math.floor((range.start - ahead) / pageSize), 0, last);
  const to = clamp(Math.floor((range.end - 1 + ahead) / pageSize), 0, last);
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

export function placeOf(index: number): { page: number; slot: number } {
  return { page: Math.floor(index / pageSize), slot: index % pageSize };
}

export function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), Math.max(least, most));
}

/** How many cards fit beside each other, and how wide they are then. */
export function columnsFor(width: number, least: number, gap: number): { columns: number; cardWidth: number } {
  const columns = Math.max(2, Math.floor((width + gap) / (least + gap)));
  return { columns, cardWidth: Math.max(0, (width - gap * (columns - 1)) / columns) };
}

export type Move = "left" | "right" | "up" | "down" | "home" | "end" | "page-up" | "page-down";

const moves: Partial<Record<string, Move>> = {
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowUp: "up",
  ArrowDown: "down",
  Home: "home",
  End: "end",
  PageUp: "page-up",
  PageDown: "page-down",
};

export function moveForKey(key: string): Move | null {
  return moves[key] ?? null;
}

/** Where the selection goes; `null` where it stays. Up and down at an edge stay, as in a file manager. */
export function moved(from: number | null, move: Move, total: number, columns: number, rowsPerPage: number): number | null {
  if (total === 0) return null;
  if (from === null) return move === "end" ? total - 1 : 0;
  const page = columns * Math.max(1, rowsPerPage);
  const to = (() => {
    switch (move) {
      case "left":
        return columns === 1 ? from : from - 1;
      case "right":
        return columns === 1 ? from : from + 1;
      case "up":
        return from - columns;
      case "down": {
        const below = from + columns;
        const lastRow = Math.floor((total - 1) / columns);
        // The last row may be shorter: its last item is what lies below.
        return below >= total && Math.floor(from / columns) < lastRow ? total - 1 : below;
      }
      case "home":
        return 0;
      case "end":
        return total - 1;
      case "page-up":
        return from - page < 0 ? from % columns : from - page;
      case "page-down":
        return from + page >= total ? total - 1 : from + page;
    }
  })();
  return to < 0 || to >= total || to === from ? null : to;
}
