import { useCallback } from "react";

import { usePlatform } from "../../api/client";
import { useReadOnly } from "../../api/read-only";
import type { LibraryItem } from "../../bindings/LibraryItem";
import { announce } from "../../components/announce";
import { MenuItem, MenuLine, MenuNote } from "../../components/menu";
import { text } from "../../text";
import { useFileActions } from "../files/file-actions";
import { subjectOf } from "../files/subject";
import type { Subject } from "../files/subject";

const words = text.fileActions;

/** What can be done to one model, or to all selected ones where it is one of them. */
export function ItemMenuItems({
  item,
  subjects = [subjectOf(item)],
  onOpen,
  selected,
  onSelect,
  onError,
  onClosed,
  onTrashed,
}: {
  item: LibraryItem;
  subjects?: readonly Subject[];
  onOpen?: () => void;
  selected?: boolean;
  onSelect?: () => void;
  onError: (error: unknown) => void;
  /** Where the focus goes after a dialog. */
  onClosed: () => void;
  onTrashed?: () => void;
}) {
  const platform = usePlatform();
  const actions = useFileActions();
  const readOnly = useReadOnly();
  const one = subjects.length === 1;
  const here = subjects.some((subject) => !subject.missing);
  const copy = useCallback(() => {
    platform.copyText(item.path).then(
      () => announce(words.pathCopied),
      () => announce(text.common.copyFailed),
    );
  }, [platform, item.path]);
  return (
    <>
      {one && onOpen && <MenuItem onChoose={onOpen}>{words.open}</MenuItem>}
      {onSelect && <MenuItem onChoose={onSelect}>{selected === true ? words.deselect : words.select}</MenuItem>}
      {one && platform.capabilities.reveal && here && <MenuItem onChoose={() => void platform.reveal(item.id).catch(onError)}>{words.reveal}</MenuItem>}
      {one && <MenuItem onChoose={copy}>{words.copyPath}</MenuItem>}
      {readOnly ? null : here ? (
        <>
          <MenuLine />
          {one && <MenuItem onChoose={() => actions.rename(item, { onClosed })}>{words.rename}</MenuItem>}
          <MenuItem onChoose={() => actions.move(subjects, { onClosed })}>{words.move}</MenuItem>
          <MenuItem onChoose={() => actions.trash(subjects, { onClosed, ...(onTrashed ? { onDone: onTrashed } : {}) })}>{words.trash}</MenuItem>
        </>
      ) : (
        <>
          <MenuLine />
          <MenuNote>{words.notHere}</MenuNote>
        </>
      )}
    </>
  );
}
