import { useEffect, useRef, useState } from "react";

import { announce } from "./announce";

/** Copies, says so on the button for a moment, and aloud. */
export function useCopy(copyText: (text: string) => Promise<void>, words: { copied: string; failed: string }) {
  const [copied, setCopied] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);

  const copy = (value: string) => {
    copyText(value).then(
      () => {
        setCopied(true);
        announce(words.copied);
        clearTimeout(timer.current);
        timer.current = setTimeout(() => setCopied(false), 1600);
      },
      () => announce(words.failed),
    );
  };
  return { copied, copy };
}
