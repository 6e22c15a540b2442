import { ArrowDownUp, LayoutGrid, Rows3 } from "lucide-react";

import { Button } from "../../components/button";
import { Caret, Menu, MenuCheck, MenuChoice, MenuLine } from "../../components/menu";
import { Segments } from "../../components/segments";
import { text } from "../../text";
import { allSorts } from "./filter";
import type { Filter, View } from "./filter";
import { SearchField } from "./search-field";
import { Views } from "./views";

export function Toolbar({
  filter,
  view,
  all,
  onFilter,
  onView,
  onLeaveSearch,
}: {
  filter: Filter;
  view: View;
  all: number;
  onFilter: (change: Partial<Filter>) => void;
  onView: (view: View) => void;
  onLeaveSearch: () => void;
}) {
  return (
    <div className="flex items-center gap-2 px-4 pt-3 pb-2.5">
      <SearchField
        value={filter.search}
        label={text.library.searchLabel}
        placeholder={text.library.searchPlaceholder(all)}
        clear={text.library.clearSearch}
        onSearch={(search) => search !== filter.search && onFilter({ search })}
        onLeave={onLeaveSearch}
      />
      <Views filter={filter} onFilter={onFilter} />
      <Menu
        label={text.library.sortLabel(filter.sort)}
        align="end"
        trigger={
          <Button aria-label={text.library.sortLabel(filter.sort)} className="phone:w-8 phone:px-0">
            <ArrowDownUp aria-hidden size={14} className="text-faint" />
            <span className="phone:hidden">{text.library.sort(filter.sort)}</span>
            <Caret className="phone:hidden" />
          </Button>
        }
      >
        <MenuChoice
          value={filter.sort}
          options={allSorts.map((sort) => ({ value: sort, label: text.library.sort(sort) }))}
          onChange={(sort) => onFilter({ sort, reverse: false })}
        />
        <MenuLine />
        <MenuCheck checked={filter.reverse} onToggle={() => onFilter({ reverse: !filter.reverse })}>
          {text.library.reverse}
        </MenuCheck>
      </Menu>
      <Segments
        label={text.library.view}
        iconOnly
        value={view}
        options={[
          { value: "grid", label: text.library.grid, icon: <LayoutGrid aria-hidden size={15} /> },
          { value: "list", label: text.library.list, icon: <Rows3 aria-hidden size={15} /> },
        ]}
        onChange={onView}
      />
    </div>
  );
}
