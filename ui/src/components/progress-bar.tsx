import { cx } from "./cx";

/** `null` where the end is not known. */
export function ProgressBar({ label, fraction, words, held = false, className }: { label: string; fraction: number | null; words: string; held?: boolean; className?: string }) {
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={fraction === null ? undefined : Math.round(fraction * 100)}
      aria-valuetext={words}
      className={cx("h-1 overflow-hidden bg-line2", className)}
    >
      <div
        className={cx("h-full rounded-full", held ? "bg-faint" : "bg-accent", fraction === null && !held && "w-2/5 animate-slide motion-reduce:w-full motion-reduce:opacity-40")}
        style={fraction === null ? undefined : { width: `${(fraction * 100).toFixed(1)}%` }}
      />
    </div>
  );
}
