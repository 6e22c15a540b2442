/** What is looked for: words, filters, and the order. */
import { ArrowDownUp, Eye, EyeOff } from "lucide-react";
import { useId, useState } from "react";

import { useCatalogueWords } from "../../api/discover";
import type { Settings } from "../../bindings/Settings";
import { Button } from "../../components/button";
import { Chip, RemovableChip } from "../../components/chip";
import { Dialog } from "../../components/dialog";
import { Caret, Menu, MenuCheck, MenuChoice, MenuLine, MenuNote } from "../../components/menu";
import { text } from "../../text";
import { SearchField } from "../library/search-field";
import { allPeriods, allSorts, cleared, filtersOn, toggled } from "./filter";
import type { Filter } from "./filter";

const words = text.discover;

/** As long as one takes between two words; each search is a question to somebody else. */
const settle = 400;

interface ToolsProps {
  filter: Filter;
  settings: Settings | undefined;
  summary: string | null;
  onFilter: (change: Partial<Filter>) => void;
  onLeaveSearch: () => void;
}

export function Tools({ filter, settings, summary, onFilter, onLeaveSearch }: ToolsProps) {
  return (
    <>
      <div className="flex items-center gap-2 px-4 pt-3 pb-2.5">
        <SearchField
          value={filter.text}
          label={words.search}
          placeholder={words.placeholder}
          clear={words.clearSearch}
          settle={settle}
          onSearch={(typed) => typed !== filter.text && onFilter({ text: typed })}
          onLeave={onLeaveSearch}
        />
        <Menu
          label={words.sortLabel(filter.sort, filter.period)}
          align="end"
          trigger={
            <Button aria-label={words.sortLabel(filter.sort, filter.period)} className="phone:w-8 phone:px-0">
              <ArrowDownUp aria-hidden size={14} className="text-faint" />
              <span className="phone:hidden">
                {words.sort(filter.sort)}
                {filter.period !== "all_time" && <span className="text-dim">, {words.period(filter.period).toLowerCase()}</span>}
              </span>
              <Caret className="phone:hidden" />
            </Button>
          }
        >
          <MenuChoice value={filter.sort} options={allSorts.map((sort) => ({ value: sort, label: words.sort(sort) }))} onChange={(sort) => onFilter({ sort })} />
          <MenuLine />
          <MenuChoice
            value={filter.period}
            options={allPeriods.map((period) => ({ value: period, label: words.period(period) }))}
            onChange={(period) => onFilter({ period })}
          />
        </Menu>
      </div>
      <FilterBar filter={filter} settings={settings} summary={summary} onFilter={onFilter} />
    </>
  );
}

function FilterBar({ filter, settings, summary, onFilter }: Omit<ToolsProps, "onLeaveSearch">) {
  const known = useCatalogueWords(settings?.look_up === true);
  const [asking, setAsking] = useState(false);
  const level = settings?.blur_above ?? 1;
  return (
    <div className="flex items-start gap-3 px-4 pb-2.5">
      <div
        role="group"
        aria-label={words.filters}
        className="-m-1 flex min-w-0 flex-1 flex-wrap items-center gap-1.5 p-1 phone:flex-nowrap phone:overflow-x-auto phone:[scrollbar-width:none]"
      >
        <Choices label={words.type} all={known.data?.kinds ?? []} chosen={filter.kinds} name={text.kind} onChange={(kinds) => onFilter({ kinds })} />
        <Choices label={words.baseModel} all={known.data?.base_models ?? []} chosen={filter.base_models} onChange={(base_models) => onFilter({ base_models })} />
        {filter.tag !== null && (
          <RemovableChip label={words.removeFilter(words.tagChip(filter.tag))} onRemove={() => onFilter({ tag: null })}>
            {words.tagChip(filter.tag)}
          </RemovableChip>
        )}
        {filter.creator !== null && (
          <RemovableChip label={words.removeFilter(words.creatorChip(filter.creator))} onRemove={() => onFilter({ creator: null })}>
            {words.creatorChip(filter.creator)}
          </RemovableChip>
        )}
        {(filter.tag === null || filter.creator === null) && (
          <Chip on={false} aria-haspopup="dialog" onClick={() => setAsking(true)}>
            {words.more}
          </Chip>
        )}
        {level < 16 && (
          <Chip
            on={filter.all}
            aria-pressed={filter.all}
            title={filter.all ? words.levelHint : words.levelOn}
            onClick={() => onFilter({ all: !filter.all })}
          >
            {filter.all ? <Eye aria-hidden size={12} /> : <EyeOff aria-hidden size={12} />}
            {filter.all ? words.levelOff : words.level(text.level(level))}
          </Chip>
        )}
        {filtersOn(filter) > 0 && (
          <button
            type="button"
            className="h-6.5 shrink-0 rounded px-1.5 text-sm whitespace-nowrap text-dim hover:text-text"
            onClick={() => onFilter(cleared(filter))}
          >
            {words.clear}
          </button>
        )}
      </div>
      {summary !== null && <span className="shrink-0 py-1 text-sm text-faint tabular-nums phone:sr-only">{summary}</span>}
      {asking && <MoreDialog filter={filter} onFilter={onFilter} onClose={() => setAsking(false)} />}
    </div>
  );
}

/** Several of a list. What is chosen stays on show even where the list has it no longer. */
function Choices({
  label,
  all,
  chosen,
  name = (value) => value,
  onChange,
}: {
  label: string;
  all: readonly string[];
  chosen: readonly string[];
  name?: (value: string) => string;
  onChange: (chosen: string[]) => void;
}) {
  const choices = [...all, ...chosen.filter((value) => !all.includes(value))];
  const [first] = chosen;
  return (
    <Menu
      label={label}
      trigger={
        <Chip on={chosen.length > 0} {...(chosen.length > 1 ? { amount: String(chosen.length) } : {})}>
          {chosen.length === 1 && first !== undefined ? name(first) : label}
          <Caret className="-mr-1" />
        </Chip>
      }
    >
      {choices.length === 0 && <MenuNote>{text.common.loading}</MenuNote>}
      {choices.map((value) => (
        <MenuCheck key={value} checked={chosen.includes(value)} onToggle={() => onChange(toggled(chosen, value))}>
          {name(value)}
        </MenuCheck>
      ))}
    </Menu>
  );
}

function MoreDialog({ filter, onFilter, onClose }: { filter: Filter; onFilter: (change: Partial<Filter>) => void; onClose: () => void }) {
  const id = useId();
  const [tag, setTag] = useState(filter.tag ?? "");
  const [creator, setCreator] = useState(filter.creator ?? "");
  const field = "h-8 w-full rounded-lg border border-line2 bg-raised px-2.5 shadow-card";
  const said = (typed: string) => (typed.trim() === "" ? null : typed.trim());
  return (
    <Dialog title={words.moreTitle} body={words.moreBody} onClose={onClose}>
      <form
        className="mt-4 flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          onFilter({ tag: said(tag), creator: said(creator) });
          onClose();
        }}
      >
        <label htmlFor={`${id}-tag`} className="flex flex-col gap-1">
          {words.tag}
          <input id={`${id}-tag`} autoFocus maxLength={100} value={tag} onChange={(event) => setTag(event.target.value)} autoComplete="off" spellCheck={false} className={field} />
        </label>
        <label htmlFor={`${id}-creator`} className="flex flex-col gap-1">
          {words.creator}
          <input id={`${id}-creator`} maxLength={100} value={creator} onChange={(event) => setCreator(event.target.value)} autoComplete="off" spellCheck={false} className={field} />
        </label>
        <div className="mt-2 flex justify-end gap-2">
          <Button onClick={onClose}>{text.common.cancel}</Button>
          <Button look="primary" type="submit">
            {words.apply}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
