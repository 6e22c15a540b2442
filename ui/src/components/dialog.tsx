/** Dialogs. The browser's own element: it traps focus, and Esc closes it. */
import { useId } from "react";
import type { ReactNode } from "react";

import { Button } from "./button";
import { cx } from "./cx";
import { useModal } from "./use-modal";

/** A dialog around anything; focus goes back to where it was. */
export function Dialog({
  title,
  body,
  children,
  unasked = false,
  onClose,
}: {
  title: string;
  body: ReactNode;
  children: ReactNode;
  /** It comes by itself: none of its buttons has the focus. */
  unasked?: boolean;
  onClose: () => void;
}) {
  const dialog = useModal(unasked);
  const id = useId();
  return (
    <dialog
      ref={dialog}
      aria-labelledby={`${id}-title`}
      aria-describedby={`${id}-body`}
      tabIndex={unasked ? -1 : undefined}
      // What is typed in it is not meant for the page below, and Esc closes only it.
      onKeyDown={(event) => event.stopPropagation()}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      className={cx("m-auto max-w-[calc(100vw-2rem)] animate-appear rounded-xl outline-none bg-panel p-5 text-text shadow-pop backdrop:bg-[#00000080]", unasked ? "w-[29rem]" : "w-[26rem]")}
    >
      <h2 id={`${id}-title`} className={cx("text-lg font-semibold wrap-anywhere", unasked && "pr-7")}>
        {title}
      </h2>
      <p id={`${id}-body`} className="mt-2 text-dim">
        {body}
      </p>
      {children}
    </dialog>
  );
}

/** A question before something is done that touches much, or leaves the library. */
export function ConfirmDialog({
  title,
  body,
  confirm,
  cancel,
  look = "danger",
  onConfirm,
  onClose,
}: {
  title: string;
  body: ReactNode;
  confirm: string;
  cancel: string;
  /** `primary` where nothing is taken away. */
  look?: "danger" | "primary";
  onConfirm: () => void;
  onClose: () => void;
}) {
  return (
    <Dialog title={title} body={body} onClose={onClose}>
      <div className="mt-5 flex justify-end gap-2">
        <Button onClick={onClose} autoFocus>
          {cancel}
        </Button>
        <Button look={look} onClick={onConfirm}>
          {confirm}
        </Button>
      </div>
    </Dialog>
  );
}
