import { DownloadCloud, FileSearch, FolderPlus, Info } from "lucide-react";
import type { LucideIcon } from "lucide-react";

import { text } from "../../text";
import type { Over } from "./dropped";

const words = text.drop.over;

/** Says what will happen, while something is held over the page. */
export function DropOverlay({ over }: { over: Over }) {
  const { icon: Icon, title, hint } = told(over);
  return (
    <div className="pointer-events-none fixed inset-0 z-50 animate-appear bg-[#00000066] p-3">
      <div role="status" className="flex size-full flex-col items-center justify-center gap-2 rounded-xl border-2 border-dashed border-accent bg-panel/95 px-6 text-center">
        <Icon aria-hidden size={28} strokeWidth={1.6} className="text-accent" />
        <p className="text-lg font-semibold">{title}</p>
        <p className="max-w-md text-dim">{hint}</p>
      </div>
    </div>
  );
}

function told(over: Over): { icon: LucideIcon; title: string; hint: string } {
  switch (over.of) {
    case "link":
      return { icon: DownloadCloud, title: words.link, hint: words.linkHint };
    case "folders":
      return { icon: FolderPlus, title: words.folders(over.amount), hint: words.foldersHint };
    case "models":
      return { icon: FileSearch, title: words.models(over.amount), hint: words.modelsHint };
    case "files":
      return { icon: FolderPlus, title: words.files, hint: words.filesHint };
    case "blind":
      return { icon: Info, title: words.blind, hint: words.blindHint };
  }
}
