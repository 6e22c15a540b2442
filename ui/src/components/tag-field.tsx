/** Tags as chips, and a field that adds one: typed, or chosen among those in use. */
import { Plus, X } from "lucide-react";
import { useId, useRef, useState } from "react";
import type { KeyboardEvent } from "react";

import { cx } from "./cx";

const mostSuggested = 6;

export interface TagWords {
  add: string;
  suggestions: string;
  remove: (tag: string) => string;
}

/** Those that contain what is typed, the ones that begin with it first. */
export function suggested(inUse: readonly string[], tags: readonly string[], typed: string): string[] {
  const key = typed.trim().toLowerCase();
  const on = new Set(tags.map((tag) => tag.toLowerCase()));
  const fitting = inUse.filter((tag) => !on.has(tag.toLowerCase()) && tag.toLowerCase().includes(key) && tag.toLowerCase() !== key);
  const begins = (tag: string) => tag.toLowerCase().startsWith(key);
  return [...fitting.filter(begins), ...fitting.filter((tag) => !begins(tag))].slice(0, mostSuggested);
}

export function TagField({
  tags,
  inUse,
  words,
  invalid = false,
  describedBy,
  autoFocus = false,
  inline = false,
  fixed = false,
  onAdd,
  onRemove,
  onType,
}: {
  tags: readonly string[];
  inUse: readonly string[];
  words: TagWords;
  invalid?: boolean;
  describedBy?: string | undefined;
  autoFocus?: boolean;
  /** Suggestions make room for themselves, where what is around would cut them off. */
  inline?: boolean;
  /** Shown, not to be changed. */
  fixed?: boolean;
  /** Whether it was taken; what was not stays in the field. */
  onAdd: (tag: string) => Promise<boolean>;
  onRemove: (tag: string) => void;
  onType?: (typed: string) => void;
}) {
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState("");
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(-1);
  const options = open ? suggested(inUse, tags, typed) : [];
  const lit = options[at] ?? null;

  const type = (value: string) => {
    setTyped(value);
    setAt(-1);
    setOpen(true);
    onType?.(value);
  };
  const add = (tag: string) => {
    const wanted = tag.trim();
    if (wanted === "") return;
    type("");
    void onAdd(wanted).then((taken) => {
      // Not over what was typed meanwhile.
      if (!taken) setTyped((now) => (now === "" ? wanted : now));
    });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" || event.key === ",") {
      event.preventDefault();
      add(lit ?? typed);
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      setOpen(true);
      const step = event.key === "ArrowDown" ? 1 : -1;
      setAt(options.length === 0 ? -1 : Math.min(options.length - 1, Math.max(-1, at + step)));
    } else if (event.key === "Escape" && options.length > 0) {
      event.preventDefault();
      event.stopPropagation();
      setOpen(false);
      setAt(-1);
    } else if (event.key === "Backspace" && typed === "" && tags.length > 0) {
      onRemove(tags.at(-1) ?? "");
    }
  };

  return (
    <div>
      <ul className="flex flex-wrap gap-1.5 empty:hidden">
        {tags.map((tag) => (
          <li key={tag} className={cx("flex max-w-full items-center rounded-full border border-line bg-raised pl-2.5 text-sm", fixed && "h-6.5 pr-2.5")}>
            <span className="truncate select-text">{tag}</span>
            {!fixed && (
              <button
                type="button"
                aria-label={words.remove(tag)}
                title={words.remove(tag)}
                onClick={() => {
                  onRemove(tag);
                  field.current?.focus();
                }}
                className="grid size-6 shrink-0 place-items-center rounded-full text-faint hover:text-text"
              >
                <X aria-hidden size={12} />
              </button>
            )}
          </li>
        ))}
      </ul>
      {!fixed && (
        <div className="relative mt-1.5">
          <Plus aria-hidden size={13} className="pointer-events-none absolute top-2 left-2 text-faint" />
          <input
            ref={field}
            type="text"
            role="combobox"
            aria-label={words.add}
            aria-expanded={options.length > 0}
            aria-controls={options.length > 0 ? `${id}-list` : undefined}
            aria-autocomplete="list"
            aria-activedescendant={lit === null ? undefined : `${id}-${at}`}
            aria-invalid={invalid}
            aria-describedby={describedBy}
            placeholder={words.add}
            value={typed}
            maxLength={60}
            autoFocus={autoFocus}
            autoComplete="off"
            autoCapitalize="off"
            spellCheck={false}
            onChange={(event) => type(event.target.value)}
            onFocus={() => setOpen(true)}
            onBlur={() => setOpen(false)}
            onKeyDown={onKeyDown}
            className="h-7 w-full rounded-lg border border-line bg-raised pr-2 pl-7 text-sm aria-invalid:border-bad"
          />
          {options.length > 0 && (
            <ul
              id={`${id}-list`}
              role="listbox"
              aria-label={words.suggestions}
              className={cx("mt-1 rounded-lg bg-raised p-1", inline ? "border border-line" : "absolute inset-x-0 top-full z-40 shadow-pop")}
            >
              {options.map((option, index) => (
                <li
                  key={option}
                  id={`${id}-${index}`}
                  role="option"
                  aria-selected={index === at}
                  // The field keeps the focus.
                  onPointerDown={(event) => event.preventDefault()}
                  onClick={() => add(option)}
                  className={cx("truncate rounded px-2 py-1 text-sm", index === at ? "bg-wash" : "hover:bg-hover")}
                >
                  {option}
                </li>
              ))}
            </ul>
          )}
        </div>
      )}
    </div>
  );
}
