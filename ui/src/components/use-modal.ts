import { useEffect, useRef, useState } from "react";

/** Opens the browser's own dialog while it is drawn: it traps the focus, which goes back to where it was. */
export function useModal() {
  const dialog = useRef<HTMLDialogElement>(null);
  // As it is drawn: afterwards a field in it may have the focus already.
  const [before] = useState(() => document.activeElement);
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => {
      element?.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, [before]);
  return dialog;
}
