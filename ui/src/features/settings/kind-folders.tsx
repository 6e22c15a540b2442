import { ChevronRight, FolderOpen } from "lucide-react";
import { useId, useRef, useState } from "react";
import type { ReactNode, Ref } from "react";

import { usePlatform } from "../../api/client";
import { useRootChoice } from "../../api/roots";
import type { RootInfo } from "../../bindings/RootInfo";
import { announce } from "../../components/announce";
import { Button, IconButton } from "../../components/button";
import { ErrorWords, WithCode } from "../../components/wire-error";
import { text } from "../../text";
import { kinds } from "./kinds";

const words = text.settings.kindFolders;

/** Folders of the user's own for some kinds, instead of the ones the UI has. Folded, like the other choices of a folder. */
export function KindFolders({ root }: { root: RootInfo }) {
  const adding = useRef<HTMLSelectElement>(null);
  const chosen = Object.entries(root.places.overrides).sort(([a], [b]) => text.kind(a).localeCompare(text.kind(b)));
  return (
    <details className="group w-full">
      <summary className="flex min-h-6 w-fit list-none items-center gap-1 rounded text-sm text-dim hover:text-text [&::-webkit-details-marker]:hidden">
        <ChevronRight aria-hidden size={13} className="-ml-0.5 shrink-0 transition-transform group-open:rotate-90" />
        {words.title}: {chosen.length === 0 ? words.none : chosen.map(([kind]) => text.kind(kind)).join(", ")}
      </summary>
      <div role="group" aria-label={words.label(root.name)} className="mt-1.5 flex flex-col gap-2.5 pl-3.5">
        <p className="text-sm wrap-anywhere text-dim">
          <WithCode>{words.lead(root.path)}</WithCode>
        </p>
        {chosen.length > 0 && (
          <ul className="flex flex-col gap-2">
            {chosen.map(([kind, folder]) => (
              <li key={kind}>
                <Chosen root={root} kind={kind} folder={folder} onRemoved={() => adding.current?.focus()} />
              </li>
            ))}
          </ul>
        )}
        {chosen.length < kinds.length && <Another root={root} fieldRef={adding} />}
      </div>
    </details>
  );
}

/** One that is there: changed in its field, or taken away. */
function Chosen({ root, kind, folder, onRemoved }: { root: RootInfo; kind: string; folder: string; onRemoved: () => void }) {
  const { choose, error, isPending, reset } = useRootChoice();
  const [typed, setTyped] = useState(folder);
  const name = text.kind(kind);
  const { overrides } = root.places;
  const remove = () => {
    const others = Object.fromEntries(Object.entries(overrides).filter(([other]) => other !== kind));
    choose({ id: root.id, places: { ...root.places, overrides: others } }, () => {
      announce(words.removed(name));
      onRemoved();
    });
  };
  return (
    <FolderForm
      root={root}
      label={words.field(name)}
      kind={<span className="w-32 shrink-0 truncate phone:w-full">{name}</span>}
      typed={typed}
      error={error}
      onTyped={(next) => {
        setTyped(next);
        if (error !== null) reset();
      }}
      onSave={() =>
        choose({ id: root.id, places: { ...root.places, overrides: { ...overrides, [kind]: typed.trim() } } }, (answer) => {
          announce(words.saved(name));
          setTyped(answer.places.overrides[kind] ?? folder);
        })
      }
    >
      <Button type="submit" aria-label={words.saveOne(name)} disabled={typed.trim() === folder || typed.trim() === "" || isPending}>
        {words.save}
      </Button>
      <Button look="quiet" aria-label={words.removeOne(name)} disabled={isPending} onClick={remove}>
        {words.remove}
      </Button>
    </FolderForm>
  );
}

/** One more, for a kind that has none yet. */
function Another({ root, fieldRef }: { root: RootInfo; fieldRef: Ref<HTMLSelectElement> }) {
  const { choose, error, isPending, reset } = useRootChoice();
  const { overrides } = root.places;
  const free = kinds.filter((kind) => !(kind in overrides));
  const [wanted, setWanted] = useState<string>("LORA");
  const [typed, setTyped] = useState("");
  const kind = free.find((each) => each === wanted) ?? free[0] ?? "";
  const again = () => {
    if (error !== null) reset();
  };
  return (
    <FolderForm
      root={root}
      label={words.another}
      kind={
        <select
          ref={fieldRef}
          aria-label={words.kind}
          value={kind}
          onChange={(event) => {
            setWanted(event.target.value);
            again();
          }}
          className="h-8 w-32 shrink-0 rounded-lg border border-line2 bg-raised px-1.5 phone:w-full"
        >
          {free.map((each) => (
            <option key={each} value={each}>
              {text.kind(each)}
            </option>
          ))}
        </select>
      }
      typed={typed}
      error={error}
      onTyped={(next) => {
        setTyped(next);
        again();
      }}
      onSave={() =>
        choose({ id: root.id, places: { ...root.places, overrides: { ...overrides, [kind]: typed.trim() } } }, () => {
          announce(words.saved(text.kind(kind)));
          setTyped("");
        })
      }
    >
      <Button type="submit" disabled={typed.trim() === "" || isPending}>
        {words.add}
      </Button>
    </FolderForm>
  );
}

/** A kind, its folder, what can be done, and beneath it what the engine says against it. */
function FolderForm({
  root,
  label,
  kind,
  typed,
  error,
  onTyped,
  onSave,
  children,
}: {
  root: RootInfo;
  label: string;
  kind: ReactNode;
  typed: string;
  error: Error | null;
  onTyped: (typed: string) => void;
  onSave: () => void;
  children: ReactNode;
}) {
  const platform = usePlatform();
  const id = useId();
  return (
    <form
      className="flex flex-wrap items-center gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        if (typed.trim() !== "") onSave();
      }}
    >
      {kind}
      <input
        type="text"
        aria-label={label}
        aria-invalid={error !== null}
        aria-describedby={error === null ? undefined : `${id}-error`}
        placeholder={words.placeholder}
        value={typed}
        onChange={(event) => onTyped(event.target.value)}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        className="h-8 min-w-0 flex-1 rounded-lg border border-line2 bg-raised px-3 font-mono text-sm aria-invalid:border-bad phone:basis-full"
      />
      {platform.capabilities.pickFolder && (
        <IconButton
          label={words.pick(label)}
          onClick={() => {
            void platform.pickFolder().then((picked) => {
              if (picked !== null) onTyped(within(root.path, picked));
            });
          }}
        >
          <FolderOpen aria-hidden size={15} />
        </IconButton>
      )}
      {children}
      {error !== null && (
        <p id={`${id}-error`} role="alert" className="w-full text-sm wrap-anywhere text-bad">
          <ErrorWords error={error} />
        </p>
      )}
    </form>
  );
}

/** The short way to say a folder inside the root; another one as it is, so that the engine can say what is wrong with it. */
export function within(root: string, folder: string): string {
  const inside = [`${root}/`, `${root}\\`].some((start) => folder.startsWith(start));
  return inside ? folder.slice(root.length + 1) : folder;
}
