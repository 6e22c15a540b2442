import { Archive, ArrowDownToLine, CircleAlert, Command, Compass, Ellipsis, HeartPulse, History, LayoutGrid, Settings as Gear } from "lucide-react";
import type { LucideIcon } from "lucide-react";

import type { RootInfo } from "../../bindings/RootInfo";
import { BrandMark } from "../../components/brand";
import { cx } from "../../components/cx";
import { Menu, MenuItem } from "../../components/menu";
import { goTo } from "../../components/use-place";
import { isMac, keysOf, keyWords } from "../../shortcuts";
import { text, format } from "../../text";
import { StateDot } from "../library/cover";
import { tones } from "../link/state";
import type { Pill } from "../link/state";
import type { Place } from "./places";

/** How many there are at each place; nothing where it is not known. */
export type Amounts = Partial<Record<Place, number | null>>;

interface RailProps {
  place: Place;
  amounts: Amounts;
  pill: Pill | null;
  roots: readonly RootInfo[];
  chosenRoots: readonly number[];
  onRoot: (id: number) => void;
  onPalette: () => void;
}

/** Where one can go. On a phone a bar at the bottom. */
export function Rail({ place, amounts, pill, roots, chosenRoots, onRoot, onPalette }: RailProps) {
  return (
    <nav
      aria-label={text.places.label}
      className="flex w-52 shrink-0 flex-col gap-0.5 overflow-y-auto border-r border-line bg-panel px-2.5 py-3.5 max-[62rem]:w-44 phone:hidden"
    >
      <div className="flex items-center gap-2.5 px-2 pb-3.5 text-[0.875rem] font-semibold tracking-tight">
        <BrandMark />
        {text.app.name}
      </div>
      <button
        type="button"
        onClick={onPalette}
        className="mb-2 flex h-8 items-center gap-2.5 rounded border border-line bg-raised px-2 text-dim shadow-card transition-colors hover:bg-hover hover:text-text"
      >
        <Command aria-hidden size={15} className="shrink-0" />
        {text.palette.open}
        <span aria-hidden className="ml-auto font-mono text-xs text-faint">{keyWords(keysOf("palette")[0]?.[0] ?? "").join(isMac ? "" : "+")}</span>
      </button>
      <PlaceLink to="library" here={place === "library"} icon={LayoutGrid} label={text.places.library} amount={amounts.library} />
      <PlaceLink to="vault" here={place === "vault"} icon={Archive} label={text.places.vault} amount={amounts.vault} />
      <PlaceLink to="downloads" here={place === "downloads"} icon={ArrowDownToLine} label={text.places.downloads} amount={amounts.downloads} />
      <PlaceLink to="discover" here={place === "discover"} icon={Compass} label={text.places.discover} />
      <PlaceLink to="care" here={place === "care"} icon={HeartPulse} label={text.places.care} amount={amounts.care} />
      <PlaceLink to="activity" here={place === "activity"} icon={History} label={text.places.activity} />
      {roots.length > 0 && (
        <div role="group" aria-label={text.places.folders} className="mt-4 flex flex-col gap-0.5">
          <h2 className="px-2 pb-1 text-xs font-semibold text-faint">{text.places.folders}</h2>
          {roots.map((root) => {
            const on = place === "library" && chosenRoots.includes(root.id);
            return (
              <button
                key={root.id}
                type="button"
                aria-pressed={on}
                title={root.online ? root.path : `${root.path}. ${text.settings.folders.awayHint}`}
                onClick={() => onRoot(root.id)}
                className={cx(
                  "flex h-7 items-center gap-2 rounded px-2 text-left text-sm transition-colors",
                  on ? "bg-wash text-text" : "text-dim hover:bg-hover hover:text-text",
                )}
              >
                <i
                  aria-hidden
                  className={cx("size-1.75 shrink-0 rounded-full", root.online ? "bg-good" : "ring-[1.5px] ring-faint ring-inset")}
                />
                <span className="truncate">
                  {root.name}
                  {!root.online && <span className={on ? undefined : "text-faint"}>, {text.places.away}</span>}
                </span>
                <span className={cx("ml-auto tabular-nums", on ? "text-dim" : "text-faint")}>{format.count(root.files)}</span>
              </button>
            );
          })}
        </div>
      )}
      <div className="mt-auto flex flex-col gap-0.5 pt-4">
        {pill !== null && (
          <a href={linkAddress} title={pill.whole} className="flex h-8 items-center gap-2.5 rounded px-2 text-sm text-dim transition-colors hover:bg-hover hover:text-text">
            <span aria-hidden className="grid w-4 shrink-0 place-items-center">
              <StateDot tone={tones[pill.state]} />
            </span>
            <PillWords pill={pill} />
          </a>
        )}
        <PlaceLink to="needs" here={place === "needs"} icon={CircleAlert} label={text.places.needs} amount={amounts.needs} />
        <PlaceLink to="settings" here={place === "settings"} icon={Gear} label={text.places.settings} />
      </div>
    </nav>
  );
}

const linkAddress = "#/settings/link";

/** How the link with the website stands. */
function PillWords({ pill: { state, asks } }: { pill: Pill }) {
  return (
    <>
      <span className="truncate">{text.link.pill.words(state)}</span>
      {asks > 0 && (
        <span className="ml-auto text-sm text-faint tabular-nums">
          <span aria-hidden>{format.count(asks)}</span>
          <span className="sr-only"> {text.link.pill.asks(asks)}</span>
        </span>
      )}
    </>
  );
}

const more: readonly Place[] = ["care", "activity", "needs", "settings"];

/** Five fit a phone's width: what one comes for, and the others behind the last. */
export function BottomBar({ place, amounts, pill }: { place: Place; amounts: Amounts; pill: Pill | null }) {
  const inMore = more.includes(place);
  const needs = amounts.needs ?? 0;
  return (
    <nav aria-label={text.places.label} className="hidden shrink-0 border-t border-line bg-panel pb-[env(safe-area-inset-bottom)] phone:flex">
      <BottomLink to="library" here={place === "library"} icon={LayoutGrid} label={text.places.library} />
      <BottomLink to="vault" here={place === "vault"} icon={Archive} label={text.places.vault} />
      <BottomLink to="downloads" here={place === "downloads"} icon={ArrowDownToLine} label={text.places.downloads} amount={amounts.downloads} />
      <BottomLink to="discover" here={place === "discover"} icon={Compass} label={text.places.discover} />
      <Menu
        label={text.places.more}
        align="end"
        trigger={
          <button type="button" className={bottomLook(inMore)}>
            <Ellipsis aria-hidden size={18} className={inMore ? "text-accent" : undefined} />
            <span>
              {text.places.more}
              {needs > 0 && <span className="ml-1 tabular-nums">{format.count(needs)}</span>}
            </span>
          </button>
        }
      >
        {more.map((to) => (
          <MenuItem key={to} onChoose={() => goTo(to)}>
            {text.places[to]}
            {(amounts[to] ?? 0) > 0 && <span className="ml-auto pl-4 text-sm text-faint tabular-nums">{format.count(amounts[to] ?? 0)}</span>}
          </MenuItem>
        ))}
        {pill !== null && (
          <MenuItem onChoose={() => goTo("settings/link")}>
            <span aria-hidden className="absolute left-2.5 flex">
              <StateDot tone={tones[pill.state]} />
            </span>
            <PillWords pill={pill} />
          </MenuItem>
        )}
      </Menu>
    </nav>
  );
}

function bottomLook(here: boolean): string {
  return cx("flex h-12 flex-1 flex-col items-center justify-center gap-0.5 text-xs whitespace-nowrap", here ? "font-medium text-text" : "text-dim");
}

interface LinkProps {
  to: Place;
  here: boolean;
  icon: LucideIcon;
  label: string;
  amount?: number | null | undefined;
}

function PlaceLink({ to, here, icon: Icon, label, amount = null }: LinkProps) {
  return (
    <a
      href={`#/${to}`}
      aria-current={here ? "page" : undefined}
      className={cx(
        "flex h-8 items-center gap-2.5 rounded px-2 transition-colors",
        here ? "bg-wash font-medium text-text" : "text-dim hover:bg-hover hover:text-text",
      )}
    >
      <Icon aria-hidden size={16} className={here ? "text-accent" : undefined} />
      {label}
      {amount !== null && <span className={cx("ml-auto text-sm font-normal tabular-nums", here ? "text-dim" : "text-faint")}>{format.count(amount)}</span>}
    </a>
  );
}

function BottomLink({ to, here, icon: Icon, label, amount = null }: LinkProps) {
  return (
    <a
      href={`#/${to}`}
      aria-current={here ? "page" : undefined}
      className={bottomLook(here)}
    >
      <Icon aria-hidden size={18} className={here ? "text-accent" : undefined} />
      <span>
        {label}
        {amount !== null && <span className="ml-1 tabular-nums">{format.count(amount)}</span>}
      </span>
    </a>
  );
}
