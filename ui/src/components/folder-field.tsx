import { FolderPlus } from "lucide-react";
import { useState } from "react";

import { Button } from "./button";

/** Asks for a folder: with the system's dialog where there is one, else with a path. */
export function FolderField({
  pick,
  onFolder,
  words,
  busy = false,
}: {
  /** `null` where the shell has no dialog. */
  pick: (() => Promise<string | null>) | null;
  onFolder: (path: string) => void;
  words: { button: string; path: string; placeholder: string; add: string };
  busy?: boolean;
}) {
  const [path, setPath] = useState("");
  if (pick) {
    return (
      <Button
        disabled={busy}
        onClick={() => {
          void pick().then((folder) => {
            if (folder !== null) onFolder(folder);
          });
        }}
      >
        <FolderPlus aria-hidden size={14} />
        {words.button}
      </Button>
    );
  }
  return (
    <form
      className="flex gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        const folder = path.trim();
        if (folder === "") return;
        onFolder(folder);
        setPath("");
      }}
    >
      <input
        type="text"
        aria-label={words.path}
        placeholder={words.placeholder}
        value={path}
        onChange={(event) => setPath(event.target.value)}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        className="h-8 min-w-0 flex-1 rounded-lg border border-line bg-raised px-3 font-mono text-sm shadow-card"
      />
      <Button type="submit" disabled={busy || path.trim() === ""}>
        {words.add}
      </Button>
    </form>
  );
}
