import { Eye } from "lucide-react";

import { text } from "../../text";

/** Over a preview above the chosen level: how it is rated, and a button to see it all the same. */
export function Veil({ level, onShow }: { level: number; onShow: () => void }) {
  return (
    <div className="absolute inset-0 grid place-content-center justify-items-center gap-2.5 bg-[#0d0e1066] text-sm text-on-scrim">
      <span className="rounded bg-scrim px-2 py-0.5">{text.inspector.blurred(text.level(level))}</span>
      <button
        type="button"
        onClick={onShow}
        className="inline-flex h-8 items-center gap-1.5 rounded-lg bg-scrim px-3 font-medium text-on-scrim hover:bg-[#000000e0]"
      >
        <Eye aria-hidden size={14} />
        {text.inspector.show}
      </button>
    </div>
  );
}
