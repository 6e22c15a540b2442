import type { Layout } from "../../bindings/Layout";
import { text } from "../../text";

/** Which UI an installation is, where its folder's name does not say so already. */
export function LayoutName({ of: root }: { of: { name: string; layout: Layout } }) {
  const label = text.layout(root.layout);
  if (label.toLowerCase() === root.name.toLowerCase()) return null;
  return <span className="shrink-0 text-sm text-faint">{label}</span>;
}
