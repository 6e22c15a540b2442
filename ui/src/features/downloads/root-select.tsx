import type { RootInfo } from "../../bindings/RootInfo";
import { text } from "../../text";

const words = text.downloads.add;

/** The folder that downloads go to. One that cannot take any at the moment is shown, and says why. */
export function RootSelect({
  id,
  roots,
  value,
  best = null,
  onChange,
}: {
  id: string;
  roots: readonly RootInfo[];
  value: number | null;
  /** What leaving the choice to the engine is called; `null`: it is not offered. */
  best?: string | null;
  onChange: (root: number | null) => void;
}) {
  return (
    <select
      id={id}
      value={value ?? ""}
      onChange={(event) => onChange(event.target.value === "" ? null : Number(event.target.value))}
      className="h-8 max-w-full min-w-0 justify-self-start rounded-lg border border-line2 bg-raised px-2 shadow-card"
    >
      {best !== null && <option value="">{best}</option>}
      {roots.map((root) => {
        const why = !root.online ? words.away : root.layout === "invoke_ai" ? words.takesNone : null;
        return (
          <option key={root.id} value={root.id} disabled={why !== null}>
            {why === null ? root.name : `${root.name}, ${why}`}
          </option>
        );
      })}
    </select>
  );
}
