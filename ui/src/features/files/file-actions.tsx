/** What can be done to files, from wherever it is asked for: the question before it, and the way back after it. */
import { createContext, use, useCallback, useMemo, useState } from "react";
import type { ReactNode } from "react";

import { useReadOnly } from "../../api/read-only";
import type { Activity } from "../../bindings/Activity";
import type { LibraryItem } from "../../bindings/LibraryItem";
import { MoveDialog } from "./move-dialog";
import { RenameDialog } from "./rename-dialog";
import type { Subject } from "./subject";
import { TrashDialog } from "./trash-dialog";
import { UndoToast } from "./undo-toast";

interface Around {
  /** Where the focus goes once the dialog is gone: what it was opened from may be gone too. */
  onClosed?: () => void;
  onDone?: () => void;
}

export interface FileActions {
  trash: (subjects: readonly Subject[], around?: Around) => void;
  move: (subjects: readonly Subject[], around?: Around) => void;
  rename: (item: LibraryItem, around?: Around) => void;
  /** Something else was done that can be undone: offers the way back. */
  done: (activity: Activity) => void;
}

type Asked = { around: Around } & ({ of: "trash" | "move"; subjects: readonly Subject[] } | { of: "rename"; item: LibraryItem });

const FileActionsContext = createContext<FileActions | null>(null);

export function useFileActions(): FileActions {
  const actions = use(FileActionsContext);
  if (!actions) throw new Error("useFileActions outside FileActionsProvider");
  return actions;
}

export function FileActionsProvider({ children }: { children: ReactNode }) {
  const [asked, setAsked] = useState<Asked | null>(null);
  const [done, setDone] = useState<Activity | null>(null);
  const readOnly = useReadOnly();
  const actions = useMemo<FileActions>(() => {
    // A key asks for it too, where there is nothing to press.
    const ask = readOnly ? () => undefined : setAsked;
    return {
      trash: (subjects, around = {}) => ask({ of: "trash", subjects, around }),
      move: (subjects, around = {}) => ask({ of: "move", subjects, around }),
      rename: (item, around = {}) => ask({ of: "rename", item, around }),
      done: setDone,
    };
  }, [readOnly]);
  const close = () => {
    setAsked(null);
    const onClosed = asked?.around.onClosed;
    if (onClosed) requestAnimationFrame(onClosed);
  };
  const onDone = (activity: Activity) => {
    asked?.around.onDone?.();
    setDone(activity);
    close();
  };
  const forget = useCallback(() => setDone(null), []);
  return (
    <FileActionsContext value={actions}>
      {children}
      {done !== null && <UndoToast key={done.id} activity={done} onClose={forget} />}
      {asked?.of === "trash" && <TrashDialog subjects={asked.subjects} onDone={onDone} onClose={close} />}
      {asked?.of === "move" && <MoveDialog subjects={asked.subjects} onDone={onDone} onClose={close} />}
      {asked?.of === "rename" && <RenameDialog item={asked.item} onDone={onDone} onClose={close} />}
    </FileActionsContext>
  );
}
