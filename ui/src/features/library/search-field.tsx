import { Search, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";

import { IconButton } from "../../components/button";

// The engine answers within a few thousandths, drawing what it answers takes longer: only what is typed in one go is held
// together.
const usualSettle = 38;

/** Searches as one types. Esc empties it. The shortcut that comes here from anywhere is one of all places. */
export function SearchField({
  value,
  label,
  placeholder,
  clear,
  settle = usualSettle,
  onSearch,
  onLeave,
}: {
  value: string;
  label: string;
  placeholder: string;
  /** What emptying it is called. */
  clear: string;
  /** How long typing has to rest, in milliseconds. */
  settle?: number;
  onSearch: (search: string) => void;
  /** To the list. */
  onLeave: () => void;
}) {
  const field = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState(value);
  const [known, setKnown] = useState(value);
  const [sent, setSent] = useState(value);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  // The search was changed from outside, by "Clear". What was sent from here comes back while more is being typed.
  if (known !== value) {
    setKnown(value);
    if (value !== sent && value !== typed.trim()) {
      setTyped(value);
      setSent(value);
    }
  }

  useEffect(() => () => clearTimeout(timer.current), []);
  const set = (next: string, wait: number) => {
    setTyped(next);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      setSent(next.trim());
      onSearch(next.trim());
    }, wait);
  };

  return (
    <div className="relative min-w-0 flex-1">
      <Search aria-hidden size={15} className="pointer-events-none absolute top-2 left-2.5 text-faint" />
      <input
        ref={field}
        type="search"
        role="searchbox"
        aria-label={label}
        placeholder={placeholder}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        value={typed}
        onChange={(event) => set(event.target.value, settle)}
        onKeyDown={(event) => {
          if (event.key === "Escape") {
            event.preventDefault();
            event.stopPropagation();
            if (typed === "") onLeave();
            else set("", 0);
          } else if (event.key === "ArrowDown" || event.key === "Enter") {
            event.preventDefault();
            onLeave();
          }
        }}
        className="h-8 w-full rounded-lg border border-line bg-raised pr-9 pl-8 text-ellipsis shadow-card [&::-webkit-search-cancel-button]:hidden"
      />
      {typed === "" ? (
        <kbd
          aria-hidden
          className="pointer-events-none absolute top-1.75 right-2 rounded-sm border border-line2 px-1.5 font-mono text-xs text-faint phone:hidden"
        >
          /
        </kbd>
      ) : (
        <IconButton
          small
          label={clear}
          className="absolute top-1 right-1.5"
          onClick={() => {
            set("", 0);
            field.current?.focus();
          }}
        >
          <X aria-hidden size={14} />
        </IconButton>
      )}
    </div>
  );
}
