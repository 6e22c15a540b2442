/** What the palette lists for what is typed: a download, commands, models; for nothing typed, what was run last first. */
import { CornerDownLeft, DownloadCloud, FileBox, Search } from "lucide-react";
import type { LucideIcon } from "lucide-react";
import { useEffect, useState } from "react";

import { useCommand } from "../../api/client";
import { useReadOnly } from "../../api/read-only";
import { goTo } from "../../components/use-place";
import { text } from "../../text";
import { visible } from "../../text/visible";
import { planPlace, referenceIn } from "../downloads/reference";
import { noFilter, page } from "../library/filter";
import type { Filter } from "../library/filter";
import { nameOf } from "../library/item";
import { score } from "./fuzzy";
import { recents, remember } from "./recent";
import { useCommands } from "./use-commands";
import type { Command } from "./use-commands";

const words = text.palette;
const settle = 120;
const mostModels = 8;
const mostRecent = 4;

export type Group = "recent" | "civitai" | "places" | "actions" | "models";

export interface Row {
  id: string;
  group: Group;
  title: string;
  detail?: string;
  icon: LucideIcon;
  keys?: readonly string[] | undefined;
  run: () => Promise<string | null>;
}

export function useRows(typed: string, { onShortcuts, onLibrary }: { onShortcuts: () => void; onLibrary: (filter: Partial<Filter>) => void }) {
  const commands = useCommands(onShortcuts);
  const readOnly = useReadOnly();
  // As it was when it was opened: a list that changes under the hand is a trap.
  const [before] = useState(recents);
  const wanted = typed.trim();
  const search = useSettled(wanted);
  const asked = search.length > 1;
  const models = useCommand("library_list", page({ ...noFilter, search }, 0, mostModels), { enabled: asked, keepPrevious: true });
  const current = wanted === search && !models.isPlaceholderData;

  const rows: Row[] = [];
  if (wanted === "") {
    const recent = before.flatMap((each): Row[] => {
      if (each.of === "model") return [modelRow("recent", each.id, each.name)];
      const command = commands.find(({ id }) => id === each.id);
      return command === undefined ? [] : [{ ...commandRow(command), group: "recent" }];
    });
    rows.push(...recent.slice(0, mostRecent));
    const shown = new Set(rows.map(({ id }) => id));
    rows.push(...commands.map(commandRow).filter(({ id }) => !shown.has(id)));
  } else {
    const reference = referenceIn(wanted);
    if (reference !== null && !readOnly) rows.push(planRow(reference));
    const fitting = commands
      .map((command) => ({ command, fit: score(wanted, command.title, command.also) }))
      .filter((each): each is { command: Command; fit: number } => each.fit !== null)
      .sort((a, b) => b.fit - a.fit);
    // By group, or the headings would repeat; the group with the best fit comes first.
    const groups = [...new Set(fitting.map(({ command }) => command.group))];
    for (const group of groups) rows.push(...fitting.filter(({ command }) => command.group === group).map(({ command }) => commandRow(command)));
    const found = asked && wanted.length > 1 ? (models.data?.items ?? []) : [];
    rows.push(...found.map((item) => ({ ...modelRow("models", item.id, nameOf(item)), detail: [text.kind(item.kind), item.base_model].filter(Boolean).join(" · ") })));
    const total = models.data?.total ?? 0;
    if (found.length > 0 && total > found.length) {
      rows.push({ id: "all", group: "models", title: words.more(total, wanted), icon: Search, run: gone(() => onLibrary({ search: wanted })) });
    }
  }
  return { rows, searching: wanted.length > 1 && (!current || models.isFetching), error: asked ? models.error : null, retry: () => void models.refetch() };
}

function commandRow(command: Command): Row {
  return { ...command, run: () => command.run().then((said) => (remember({ of: "command", id: command.id }), said)) };
}

function modelRow(group: Group, id: number, name: string): Row {
  const run = gone(() => {
    remember({ of: "model", id, name });
    goTo(`library/${id}`);
  });
  return { id: `model-${id}`, group, title: visible(name), icon: group === "recent" ? CornerDownLeft : FileBox, run };
}

function planRow(reference: string): Row {
  return { id: "plan", group: "civitai", title: words.download(reference), icon: DownloadCloud, run: gone(() => goTo(planPlace(reference))) };
}

function gone(go: () => void): () => Promise<null> {
  return () => {
    go();
    return Promise.resolve(null);
  };
}

function useSettled(value: string): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), settle);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
