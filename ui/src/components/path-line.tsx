import { visible } from "../text/visible";
import { cx } from "./cx";

/** A path in one line. Where there is no room for all of it, the folders are cut short before the name is. */
export function PathLine({ path, className }: { path: string; className?: string }) {
  const shown = visible(path);
  const at = Math.max(shown.lastIndexOf("/"), shown.lastIndexOf("\\")) + 1;
  return (
    <p className={cx("flex min-w-0 font-mono text-xs whitespace-pre text-faint", className)} title={shown}>
      <bdi className="min-w-0 truncate">{shown.slice(0, at)}</bdi>
      <bdi className="max-w-full shrink-0 truncate">{shown.slice(at)}</bdi>
    </p>
  );
}
