import { useEffect, useRef, useState, useSyncExternalStore } from "react";

let open = 0;
const listeners = new Set<() => void>();

function counted(change: 1 | -1): void {
  open += change;
  for (const each of listeners) each();
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Whether any dialog is open: what comes by itself waits until none is. */
export function useModalOpen(): boolean {
  return useSyncExternalStore(listen, () => open > 0);
}

/**
 * Opens the browser's own dialog while it is drawn: it traps the focus, which goes back to where it was. `unasked`: the
 * focus goes to the dialog itself, not to the first button in it.
 */
export function useModal(unasked = false) {
  const dialog = useRef<HTMLDialogElement>(null);
  // As it is drawn: afterwards a field in it may have the focus already.
  const [before] = useState(() => document.activeElement);
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    if (unasked) element?.focus();
    counted(1);
    return () => {
      element?.close();
      if (before instanceof HTMLElement) before.focus();
      // Last: another one may open now, and gives the focus back to where it is now.
      counted(-1);
    };
  }, [before, unasked]);
  return dialog;
}
