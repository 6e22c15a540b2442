import { Heart } from "lucide-react";

import type { FacetCount } from "../../bindings/FacetCount";
import type { Facets } from "../../bindings/Facets";
import type { ItemState } from "../../bindings/ItemState";
import type { RootInfo } from "../../bindings/RootInfo";
import { Chip, RemovableChip } from "../../components/chip";
import { Caret, Menu, MenuCheck } from "../../components/menu";
import { text, format } from "../../text";
import { activeFacets, allStates, cleared, toggled } from "./filter";
import type { Filter } from "./filter";

const kindChips = 3;

/** Every facet with what it would show. Roots are in the rail; on a phone there is no rail, so they are here. */
export function FacetBar({
  filter,
  facets,
  whole,
  roots,
  phone,
  summary,
  onFilter,
}: {
  filter: Filter;
  facets: Facets | undefined;
  /** Of the unfiltered library: chips keep their places while the counts change. */
  whole: Facets | undefined;
  roots: readonly RootInfo[];
  phone: boolean;
  summary: string | null;
  onFilter: (change: Partial<Filter>) => void;
}) {
  const kinds = inOrder(withChosen(facets?.kinds ?? [], filter.kinds, text.kind), whole?.kinds ?? []);
  const shownKinds = kinds.slice(0, kindChips);
  const otherKinds = kinds.slice(kindChips);
  const otherChosen = otherKinds.filter((kind) => filter.kinds.includes(kind.value));
  const bases = withChosen(facets?.base_models ?? [], filter.base_models, (value) => value);
  const tags = withChosen(facets?.tags ?? [], filter.tags, (value) => value);
  const stateCounts = new Map(facets?.states.map((state) => [state.value, state.count]));
  const states = allStates.filter((state) => (stateCounts.get(state) ?? 0) > 0 || filter.states.includes(state));
  const rootName = (id: number) => roots.find((root) => root.id === id)?.name ?? String(id);

  return (
    <div className="flex items-start gap-3 px-4 pb-2.5">
      <div
        role="group"
        aria-label={text.library.filters}
        className="-m-1 flex min-w-0 flex-1 flex-wrap items-center gap-1.5 p-1 phone:flex-nowrap phone:overflow-x-auto phone:[scrollbar-width:none]"
      >
        {!phone &&
          filter.roots.map((id) => (
            <RemovableChip
              key={id}
              label={text.library.removeFilter(text.library.inFolder(rootName(id)))}
              onRemove={() => onFilter({ roots: filter.roots.filter((other) => other !== id) })}
            >
              {text.library.inFolder(rootName(id))}
            </RemovableChip>
          ))}
        {shownKinds.map((kind) => (
          <Chip
            key={kind.value}
            on={filter.kinds.includes(kind.value)}
            aria-pressed={filter.kinds.includes(kind.value)}
            amount={format.count(kind.count)}
            onClick={() => onFilter({ kinds: toggled(filter.kinds, kind.value) })}
          >
            {kind.label}
          </Chip>
        ))}
        {otherKinds.length > 0 && (
          <FacetMenu
            label={otherChosen.length === 1 ? (otherChosen[0]?.label ?? "") : text.library.moreKinds}
            menuLabel={text.library.moreKinds}
            choices={otherKinds}
            chosen={filter.kinds}
            onToggle={(value) => onFilter({ kinds: toggled(filter.kinds, value) })}
          />
        )}
        {bases.length > 0 && (
          <FacetMenu
            label={filter.base_models.length === 1 ? (filter.base_models[0] ?? "") : text.library.baseModel}
            menuLabel={text.library.baseModel}
            choices={bases}
            chosen={filter.base_models}
            onToggle={(value) => onFilter({ base_models: toggled(filter.base_models, value) })}
          />
        )}
        {states.length > 0 && (
          <FacetMenu
            label={filter.states.length === 1 && filter.states[0] ? text.stateLong(filter.states[0]) : text.library.stateMenu}
            menuLabel={text.library.stateMenu}
            choices={states.map((state) => ({
              value: state,
              label: text.stateLong(state),
              count: stateCounts.get(state) ?? 0,
            }))}
            chosen={filter.states}
            onToggle={(value) => onFilter({ states: toggled<ItemState>(filter.states, value) })}
          />
        )}
        {phone && roots.length > 1 && (
          <FacetMenu
            label={filter.roots.length === 1 && filter.roots[0] !== undefined ? rootName(filter.roots[0]) : text.library.folderMenu}
            menuLabel={text.library.folderMenu}
            choices={roots.map((root) => ({ value: root.id, label: root.name, count: root.files }))}
            chosen={filter.roots}
            onToggle={(value) => onFilter({ roots: toggled(filter.roots, value) })}
          />
        )}
        {tags.length > 0 && (
          <FacetMenu
            label={filter.tags.length === 1 ? (filter.tags[0] ?? "") : text.library.tagMenu}
            menuLabel={text.library.tagMenu}
            choices={tags}
            chosen={filter.tags}
            onToggle={(value) => onFilter({ tags: toggled(filter.tags, value) })}
          />
        )}
        {((facets?.favourites ?? 0) > 0 || filter.favourites) && (
          <Chip
            on={filter.favourites}
            aria-pressed={filter.favourites}
            amount={format.count(facets?.favourites ?? 0)}
            aria-label={`${text.library.favourites} ${format.count(facets?.favourites ?? 0)}`}
            title={text.library.favourites}
            onClick={() => onFilter({ favourites: !filter.favourites })}
          >
            <Heart aria-hidden size={12} />
          </Chip>
        )}
        {((facets?.duplicates ?? 0) > 0 || filter.duplicates) && (
          <Chip
            on={filter.duplicates}
            aria-pressed={filter.duplicates}
            amount={format.count(facets?.duplicates ?? 0)}
            onClick={() => onFilter({ duplicates: !filter.duplicates })}
          >
            {text.library.duplicates}
          </Chip>
        )}
        {((facets?.missing ?? 0) > 0 || filter.missing) && (
          <Chip
            on={filter.missing}
            aria-pressed={filter.missing}
            amount={format.count(facets?.missing ?? 0)}
            onClick={() => onFilter({ missing: !filter.missing })}
          >
            {text.library.missing}
          </Chip>
        )}
        {activeFacets(filter) > 0 && (
          <button
            type="button"
            className="h-6.5 shrink-0 rounded px-1.5 text-sm whitespace-nowrap text-dim hover:text-text"
            onClick={() => onFilter({ ...cleared(filter), search: filter.search })}
          >
            {text.library.clear}
          </button>
        )}
      </div>
      {summary !== null && (
        <span className="shrink-0 py-1 text-sm text-faint tabular-nums phone:sr-only">
          {summary}
        </span>
      )}
    </div>
  );
}

function FacetMenu<T extends string | number>({
  label,
  menuLabel,
  choices,
  chosen,
  onToggle,
}: {
  label: string;
  menuLabel: string;
  choices: readonly { value: T; label: string; count: number }[];
  chosen: readonly NoInfer<T>[];
  onToggle: (value: T) => void;
}) {
  const on = choices.filter((choice) => chosen.includes(choice.value)).length;
  return (
    <Menu
      label={menuLabel}
      trigger={
        <Chip on={on > 0} amount={on > 1 ? String(on) : undefined}>
          {label}
          <Caret className="-mr-1" />
        </Chip>
      }
    >
      {choices.map((choice) => (
        <MenuCheck
          key={choice.value}
          checked={chosen.includes(choice.value)}
          onToggle={() => onToggle(choice.value)}
          detail={format.count(choice.count)}
        >
          {choice.label}
        </MenuCheck>
      ))}
    </Menu>
  );
}

/** A chosen value stays on show even when nothing has it any more. */
function withChosen(choices: readonly FacetCount[], chosen: readonly string[], label: (value: string) => string): FacetCount[] {
  const known = new Set(choices.map((choice) => choice.value));
  return [
    ...choices,
    ...chosen.filter((value) => !known.has(value)).map((value) => ({ value, label: label(value), count: 0 })),
  ];
}

/** As in the whole library; the first few stay even when the filters leave nothing of them. */
function inOrder(choices: readonly FacetCount[], whole: readonly FacetCount[]): FacetCount[] {
  const byValue = new Map(choices.map((choice) => [choice.value, choice]));
  const known = whole.map((choice, index) => byValue.get(choice.value) ?? (index < kindChips ? { ...choice, count: 0 } : null));
  const ordered = new Set(whole.map((choice) => choice.value));
  return [...known.filter((choice) => choice !== null), ...choices.filter((choice) => !ordered.has(choice.value))];
}
