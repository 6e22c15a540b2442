import { Ellipsis, FolderInput, Heart, Star, Tag, Trash2, X } from "lucide-react";
import type { LucideIcon } from "lucide-react";
import { useMemo, useState } from "react";

import { useAccount } from "../../api/account";
import { usePlatform } from "../../api/client";
import { Changing } from "../../api/read-only";
import { useSettings } from "../../api/settings";
import { Button, IconButton } from "../../components/button";
import type { ButtonProps } from "../../components/button";
import { cx } from "../../components/cx";
import { Menu, MenuItem, MenuNote } from "../../components/menu";
import { stars } from "../../components/rating";
import { Notice } from "../../components/state-message";
import { ErrorWords } from "../../components/wire-error";
import { text } from "../../text";
import { useFileActions } from "../files/file-actions";
import { bytesOf } from "../files/subject";
import type { Subject } from "../files/subject";
import { NoteDialog } from "./note-dialog";
import { TagDialog } from "./tag-dialog";
import type { Bulk } from "./use-bulk";
import type { Selecting } from "./use-selection";

const words = text.selection;
/** Each opens a window of the file manager. */
const mostRevealed = 5;

interface Props {
  selecting: Selecting;
  total: number;
  bulk: Bulk;
  onTrash: (subjects: readonly Subject[]) => void;
  /** Gives the keyboard back to the list. */
  toList: () => void;
}

/** How many are selected, and what can be done to all of them. */
export function ActionBar({ selecting, total, bulk, onTrash, toList }: Props) {
  const { selection, gathering, error } = selecting;
  const actions = useFileActions();
  const account = useAccount();
  const settings = useSettings();
  const platform = usePlatform();
  const [dialog, setDialog] = useState<"tags" | "note" | null>(null);
  const subjects = useMemo(() => [...selection.values()], [selection]);
  const size = useMemo(() => bytesOf(subjects), [subjects]);
  const known = subjects.some((subject) => subject.known);
  if (subjects.length === 0 && !gathering && error === null) return null;

  const none = subjects.length === 0 || bulk.busy;
  const clear = () => {
    selecting.clear();
    bulk.forget();
    toList();
  };
  return (
    <section aria-label={words.bar} className="@container shrink-0 animate-appear border-t border-line bg-panel">
      {error !== null && (
        <div className="px-4 pt-2">
          <Notice tone="bad">
            <ErrorWords error={error} />
          </Notice>
        </div>
      )}
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1.5 px-4 py-2">
        <p role="status" className="mr-1 font-medium tabular-nums">
          {gathering ? words.gathering : bulk.busy ? words.busy : words.selected(subjects.length, size)}
        </p>
        {subjects.length < total && !gathering && (
          <Button small look="quiet" onClick={selecting.all}>
            {words.all(total)}
          </Button>
        )}
        <div role="group" aria-label={words.actions} className="ml-auto flex items-center gap-1.5">
          <Changing>
            <Menu label={words.favourite} trigger={<Action icon={Heart} label={words.favourite} disabled={none} />}>
              <MenuItem onChoose={() => bulk.mark(subjects, { favourite: true })}>{words.makeFavourite}</MenuItem>
              <MenuItem onChoose={() => bulk.mark(subjects, { favourite: false })}>{words.noFavourite}</MenuItem>
            </Menu>
            <Menu label={words.rate} trigger={<Action icon={Star} label={words.rate} disabled={none} />}>
              {[...stars].reverse().map((rating) => (
                <MenuItem key={rating} onChoose={() => bulk.mark(subjects, { rating })}>
                  {text.marks.stars(rating)}
                </MenuItem>
              ))}
              <MenuItem onChoose={() => bulk.mark(subjects, { rating: 0 })}>{text.marks.stars(0)}</MenuItem>
            </Menu>
            <Action icon={Tag} label={words.tag} disabled={none} onClick={() => setDialog("tags")} />
            <Action icon={FolderInput} label={words.move} disabled={none} onClick={() => actions.move(subjects)} />
            <Action icon={Trash2} label={words.trash} disabled={none} onClick={() => onTrash(subjects)} />
            <Menu label={words.more} align="end" trigger={<Action icon={Ellipsis} label={words.more} disabled={none} short />}>
              <MenuItem onChoose={() => setDialog("note")}>{words.note}</MenuItem>
              {settings.data?.look_up === false ? (
                <MenuNote>{words.lookUpOff}</MenuNote>
              ) : (
                <MenuItem onChoose={() => bulk.identify(subjects)}>{words.identify}</MenuItem>
              )}
              {account.data?.signed_in !== true ? (
                <MenuNote>{words.vaultSignedOut}</MenuNote>
              ) : known ? (
                <MenuItem onChoose={() => bulk.toVault(subjects)}>{words.vault}</MenuItem>
              ) : (
                <MenuNote>{words.vaultNone}</MenuNote>
              )}
              {platform.capabilities.reveal &&
                (subjects.length > mostRevealed ? (
                  <MenuNote>{words.revealMost(mostRevealed)}</MenuNote>
                ) : (
                  <MenuItem onChoose={() => bulk.reveal(subjects)}>{words.reveal}</MenuItem>
                ))}
            </Menu>
          </Changing>
          <IconButton label={words.clear} onClick={clear}>
            <X aria-hidden size={15} />
          </IconButton>
        </div>
      </div>
      {dialog === "tags" && (
        <TagDialog amount={subjects.length} onChange={(change) => bulk.noteAll(subjects, change)} onClose={() => setDialog(null)} />
      )}
      {dialog === "note" && (
        <NoteDialog amount={subjects.length} onChange={(change) => bulk.noteAll(subjects, change)} onClose={() => setDialog(null)} />
      )}
    </section>
  );
}

/** Its words where there is room for them. Spreads what it is given, so that a menu can make it its trigger. */
function Action({ icon: Icon, label, short = false, ...rest }: { icon: LucideIcon; label: string; short?: boolean } & ButtonProps) {
  return (
    <Button small aria-label={label} title={label} {...rest} className="px-2!">
      <Icon aria-hidden size={14} />
      <span className={cx(short ? "hidden" : "@max-4xl:hidden")}>{label}</span>
    </Button>
  );
}
