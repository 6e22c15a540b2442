import { Search } from "lucide-react";
import { useEffect, useId, useRef, useState } from "react";
import type { KeyboardEvent } from "react";

import { announce } from "../../components/announce";
import { Button } from "../../components/button";
import { cx } from "../../components/cx";
import { Keys } from "../../components/keys";
import { useModal } from "../../components/use-modal";
import { Notice } from "../../components/state-message";
import { ErrorWords } from "../../components/wire-error";
import { keyWords, matches } from "../../shortcuts";
import { text } from "../../text";
import type { Filter } from "../library/filter";
import { useRows } from "./use-rows";
import type { Group, Row } from "./use-rows";

const words = text.palette;
const headings: Record<Group, string> = { recent: words.recent, civitai: words.civitai, places: words.places, actions: words.actions, models: words.models };

/** Everything that can be done or opened, by typing a few letters of it. The focus stays in the field. */
export function Palette({ onClose, onShortcuts, onLibrary }: { onClose: () => void; onShortcuts: () => void; onLibrary: (filter: Partial<Filter>) => void }) {
  const dialog = useModal();
  const id = useId();
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(0);
  const [busy, setBusy] = useState<string | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const { rows, searching, error, retry } = useRows(typed, { onShortcuts, onLibrary });
  const active = rows[Math.min(at, rows.length - 1)];

  const run = (row: Row) => {
    if (busy !== null) return;
    setBusy(row.id);
    setFailure(null);
    row.run().then(
      (said) => {
        onClose();
        if (said !== null) announce(said);
      },
      (problem: unknown) => {
        setBusy(null);
        setFailure(problem);
      },
    );
  };
  const onKeyDown = (event: KeyboardEvent) => {
    event.stopPropagation();
    if (event.nativeEvent.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 6, PageUp: -6 }[event.key];
    if (matches("palette", event)) {
      event.preventDefault();
      onClose();
    } else if (step !== undefined && rows.length > 0) {
      event.preventDefault();
      const from = Math.min(at, rows.length - 1);
      // One step goes round; a leap stops at the ends.
      setAt(Math.abs(step) === 1 ? (from + step + rows.length) % rows.length : Math.max(0, Math.min(rows.length - 1, from + step)));
    } else if (event.key === "Enter" && active !== undefined) {
      event.preventDefault();
      run(active);
    }
  };
  const said = rows.length === 0 && searching ? words.searching : words.found(rows.length);

  return (
    <dialog
      ref={dialog}
      aria-label={words.title}
      onKeyDown={onKeyDown}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => event.target === event.currentTarget && onClose()}
      className="mx-auto mt-[12vh] mb-auto w-[36rem] max-w-[calc(100vw-2rem)] animate-appear overflow-hidden rounded-xl bg-panel text-text shadow-pop backdrop:bg-[#00000080] phone:mt-4"
    >
      <div className="flex max-h-[70vh] flex-col">
        <div className="relative shrink-0 border-b border-line">
          <Search aria-hidden size={16} className="pointer-events-none absolute top-3.5 left-4 text-faint" />
          <input
            autoFocus
            type="text"
            role="combobox"
            aria-label={words.field}
            aria-expanded={rows.length > 0}
            aria-controls={`${id}-list`}
            aria-autocomplete="list"
            aria-activedescendant={active === undefined ? undefined : `${id}-${active.id}`}
            aria-busy={busy !== null}
            placeholder={words.placeholder}
            value={typed}
            maxLength={2000}
            onChange={(event) => {
              setTyped(event.target.value);
              setAt(0);
              setFailure(null);
            }}
            autoComplete="off"
            autoCapitalize="off"
            spellCheck={false}
            className="h-11 w-full bg-transparent pr-4 pl-11 text-[0.9375rem] outline-none"
          />
        </div>
        {(failure ?? error) !== null && (
          <div className="shrink-0 p-2">
            <Notice
              tone="bad"
              action={
                failure === null ? (
                  <Button small onClick={retry}>
                    {text.common.retry}
                  </Button>
                ) : undefined
              }
            >
              <ErrorWords error={failure ?? error} />
            </Notice>
          </div>
        )}
        <p role="status" className="sr-only">
          {busy === null ? said : words.working}
        </p>
        {rows.length === 0 && error === null && (
          <div className="px-4 py-6 text-center">
            <p className="font-medium wrap-anywhere">{searching ? words.searching : words.nothing(typed.trim())}</p>
            {!searching && <p className="mt-1 text-sm text-dim">{words.nothingHint}</p>}
          </div>
        )}
        <div id={`${id}-list`} role="listbox" aria-label={words.results} className={cx("min-h-0 overflow-y-auto", rows.length > 0 && "p-1.5")}>
          {groupsOf(rows).map(({ group, rows: some }) => (
            <div key={group} role="group" aria-labelledby={`${id}-${group}`}>
              <div id={`${id}-${group}`} role="presentation" className="px-2.5 pt-2 pb-1 text-xs font-semibold text-faint">
                {headings[group]}
              </div>
              {some.map((row) => (
                <Option
                  key={row.id}
                  id={`${id}-${row.id}`}
                  row={row}
                  active={row === active}
                  busy={busy === row.id}
                  onPoint={() => setAt(rows.indexOf(row))}
                  onRun={() => run(row)}
                />
              ))}
            </div>
          ))}
        </div>
        <div aria-hidden className="flex shrink-0 gap-4 border-t border-line px-4 py-2 text-xs text-faint phone:hidden">
          <span className="flex items-center gap-1.5"><Keys words={["↑", "↓"]} /> {words.keys.move}</span>
          <span className="flex items-center gap-1.5"><Keys words={["Enter"]} /> {words.keys.run}</span>
          <span className="flex items-center gap-1.5"><Keys words={["Esc"]} /> {words.keys.close}</span>
        </div>
      </div>
    </dialog>
  );
}

function groupsOf(rows: readonly Row[]): { group: Group; rows: Row[] }[] {
  return [...new Set(rows.map(({ group }) => group))].map((group) => ({ group, rows: rows.filter((row) => row.group === group) }));
}

function Option({ id, row, active, busy, onPoint, onRun }: { id: string; row: Row; active: boolean; busy: boolean; onPoint: () => void; onRun: () => void }) {
  const option = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (active) option.current?.scrollIntoView({ block: "nearest" });
  }, [active]);
  const Icon = row.icon;
  return (
    <div
      ref={option}
      id={id}
      role="option"
      aria-selected={active}
      // The list may move under a pointer that rests.
      onPointerMove={() => !active && onPoint()}
      onClick={onRun}
      className={cx("flex min-h-9 items-center gap-3 rounded-lg px-2.5 py-1", active ? "bg-wash" : "text-dim")}
    >
      <Icon aria-hidden size={15} className={cx("shrink-0", active ? "text-accent" : "text-faint", busy && "animate-breathe")} />
      <span className="min-w-0 flex-1 truncate text-text">{row.title}</span>
      {row.detail !== undefined && <span className="max-w-2/5 shrink-0 truncate text-sm text-dim">{row.detail}</span>}
      {row.keys !== undefined && (
        <span aria-hidden className="flex gap-1 phone:hidden">
          {row.keys.map((key) => (
            <Keys key={key} words={keyWords(key)} />
          ))}
        </span>
      )}
    </div>
  );
}
