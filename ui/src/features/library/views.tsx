import { Bookmark, Trash2, Undo2 } from "lucide-react";
import { useId, useRef, useState } from "react";

import { useViewActions, useViews } from "../../api/views";
import { Changing } from "../../api/read-only";
import type { View as SavedView } from "../../bindings/View";
import { announce } from "../../components/announce";
import { Button, IconButton } from "../../components/button";
import { Dialog } from "../../components/dialog";
import { Caret, Menu, MenuChoice, MenuItem, MenuLine, MenuNote } from "../../components/menu";
import { Notice } from "../../components/state-message";
import { ErrorWords } from "../../components/wire-error";
import { text } from "../../text";
import { activeFacets, filterOf, isSame, isUnfiltered, page } from "./filter";
import type { Filter } from "./filter";

const words = text.views;

/** Searches that were kept, to be taken up again; and the present one, to be kept. */
export function Views({ filter, onFilter }: { filter: Filter; onFilter: (filter: Filter) => void }) {
  const views = useViews();
  const [dialog, setDialog] = useState<"save" | "edit" | null>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const saved = views.data ?? [];
  const current = saved.find((view) => isSame(filterOf(view.query), filter));
  const close = () => {
    setDialog(null);
    // The menu it was opened from is gone.
    requestAnimationFrame(() => opener.current?.focus());
  };
  return (
    <>
      <Menu
        label={words.label}
        align="end"
        trigger={
          <Button ref={opener} aria-label={current ? `${words.label}: ${current.name}` : words.label} className="max-w-40 phone:w-8 phone:px-0">
            <Bookmark aria-hidden size={14} className={current ? "text-accent" : "text-faint"} fill={current ? "currentColor" : "none"} />
            <span className="truncate phone:hidden">{current?.name ?? words.menu}</span>
            <Caret className="shrink-0 phone:hidden" />
          </Button>
        }
      >
        {views.isError && views.data === undefined ? (
          <MenuNote>
            <ErrorWords error={views.error} />
          </MenuNote>
        ) : saved.length === 0 ? (
          <MenuNote>{words.none}</MenuNote>
        ) : (
          <MenuChoice
            value={current?.name ?? ""}
            options={saved.map((view) => ({ value: view.name, label: view.name }))}
            onChange={(name) => {
              const view = saved.find((each) => each.name === name);
              if (!view) return;
              onFilter(filterOf(view.query));
              announce(words.applied(name));
            }}
          />
        )}
        <Changing>
          <MenuLine />
          {isUnfiltered(filter) ? <MenuNote>{words.nothingToSave}</MenuNote> : <MenuItem onChoose={() => setDialog("save")}>{words.save}</MenuItem>}
          {saved.length > 0 && <MenuItem onChoose={() => setDialog("edit")}>{words.edit}</MenuItem>}
        </Changing>
      </Menu>
      {dialog === "save" && <SaveDialog filter={filter} saved={saved} suggested={filter.search} onClose={close} />}
      {dialog === "edit" && <EditDialog saved={saved} onClose={close} />}
    </>
  );
}

function SaveDialog({ filter, saved, suggested, onClose }: { filter: Filter; saved: readonly SavedView[]; suggested: string; onClose: () => void }) {
  const id = useId();
  const actions = useViewActions();
  const [name, setName] = useState(suggested);
  const [error, setError] = useState<unknown>(null);
  const tidy = name.trim();
  const replaced = saved.find((view) => view.name.toLowerCase() === tidy.toLowerCase());
  const save = () => {
    if (tidy === "" || actions.isPending) return;
    actions.put({ name: tidy, query: page(filter, 0, 0) }).then(() => {
      announce(words.saved(tidy));
      onClose();
    }, setError);
  };
  return (
    <Dialog title={words.title} body={words.body} onClose={onClose}>
      <form
        className="mt-4"
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <label htmlFor={id} className="font-medium">
          {words.name}
        </label>
        <input
          id={id}
          type="text"
          autoFocus
          value={name}
          maxLength={80}
          placeholder={words.placeholder}
          aria-invalid={error !== null}
          aria-describedby={`${id}-hint ${id}-error`}
          onChange={(event) => {
            setName(event.target.value);
            setError(null);
          }}
          autoComplete="off"
          className="mt-1.5 h-8 w-full rounded-lg border border-line2 bg-raised px-3 aria-invalid:border-bad"
        />
        <p id={`${id}-hint`} className="mt-1.5 min-h-5 text-sm text-dim">
          {replaced && words.replaces(replaced.name)}
        </p>
        <div id={`${id}-error`}>
          {error !== null && (
            <Notice tone="bad">
              <ErrorWords error={error} />
            </Notice>
          )}
        </div>
        <div className="mt-4 flex justify-end gap-2">
          <Button onClick={onClose}>{text.common.cancel}</Button>
          <Button type="submit" look="primary" disabled={tidy === "" || actions.isPending}>
            {words.confirm}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** Takes searches away; one that was taken away by mistake is put back while the dialog is open. */
function EditDialog({ saved, onClose }: { saved: readonly SavedView[]; onClose: () => void }) {
  const actions = useViewActions();
  const [shown] = useState(saved);
  const [error, setError] = useState<unknown>(null);
  const change = (work: Promise<void>, said: string) => {
    setError(null);
    work.then(() => announce(said), setError);
  };
  return (
    <Dialog title={words.label} body={words.editBody} onClose={onClose}>
      <ul className="mt-4 max-h-80 divide-y divide-line overflow-y-auto rounded-lg border border-line">
        {shown.map((view) => {
          const there = saved.some((each) => each.name === view.name);
          return (
            <li key={view.name} className="flex items-center gap-2 py-1.5 pr-1.5 pl-3">
              <span className="min-w-0 flex-1">
                <span className={there ? "block truncate" : "block truncate text-faint line-through"}>{view.name}</span>
                <span className="block truncate text-sm text-faint">{words.parts(view.query.search, activeFacets(filterOf(view.query)))}</span>
              </span>
              {there ? (
                <IconButton label={words.remove(view.name)} onClick={() => change(actions.remove(view.name), words.removed(view.name))}>
                  <Trash2 aria-hidden size={14} />
                </IconButton>
              ) : (
                <Button small look="quiet" aria-label={words.putBackOne(view.name)} onClick={() => change(actions.put(view), words.saved(view.name))}>
                  <Undo2 aria-hidden size={13} />
                  {words.putBack}
                </Button>
              )}
            </li>
          );
        })}
      </ul>
      {error !== null && (
        <div className="mt-3">
          <Notice tone="bad">
            <ErrorWords error={error} />
          </Notice>
        </div>
      )}
      <div className="mt-4 flex justify-end">
        <Button onClick={onClose}>{words.done}</Button>
      </div>
    </Dialog>
  );
}
