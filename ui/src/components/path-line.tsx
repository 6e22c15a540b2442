import { cx } from "./cx";

/** A path in one line. Where there is no room for all of it, the folders are cut short before the name is. */
export function PathLine({ path, className }: { path: string; className?: string }) {
  const at = Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1;
  return (
    <p className={cx("flex min-w-0 font-mono text-xs whitespace-pre text-faint", className)} title={path}>
      <span className="min-w-0 truncate">{path.slice(0, at)}</span>
      <span className="max-w-full shrink-0 truncate">{path.slice(at)}</span>
    </p>
  );
}
