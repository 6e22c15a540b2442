import { useId } from "react";

import type { Settings } from "../../bindings/Settings";
import { Segments } from "../../components/segments";
import { SwitchRow } from "../../components/switch";
import { text } from "../../text";
import { Choice, Panel, PanelRow } from "./panel";

const words = text.settings.downloads;
const mib = 1024 ** 2;
const atOnce = [1, 2, 3, 4, 6];
const connections = [1, 2, 4, 8, 16];
const together = [4, 8, 16, 32];
const firstLimit = 10 * mib;
const night = { from: 22 * 60, to: 6 * 60 };

const clock = (minute: number) =>
  `${String(Math.floor(minute / 60) % 24).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;

/** Minutes since midnight; nothing while the field holds no time. */
function minuteOf(value: string): number | null {
  const [hour, minute] = value.split(":").map(Number);
  return hour === undefined || minute === undefined || Number.isNaN(hour + minute) ? null : hour * 60 + minute;
}

export function DownloadSettings({ settings, change }: { settings: Settings; change: (part: Partial<Settings>) => void }) {
  const { download_limit: limit, download_hours: hours } = settings;
  const id = useId();
  const amounts = (usual: readonly number[], now: number) =>
    [...new Set([...usual, now])].sort((a, b) => a - b).map((value) => ({ value, label: words.amount(value) }));
  const setHour = (end: "from" | "to", value: string) => {
    const minute = minuteOf(value);
    if (hours === null || minute === null) return;
    const next = { ...hours, [end]: minute };
    // The same minute twice is no part of a day; the engine would refuse it.
    if (next.from !== next.to) change({ download_hours: next });
  };
  return (
    <Panel title={words.title}>
      <Choice label={words.atOnce}>
        <Segments
          label={words.atOnce}
          value={settings.downloads_at_once}
          options={amounts(atOnce, settings.downloads_at_once)}
          onChange={(downloads_at_once) => change({ downloads_at_once })}
        />
      </Choice>
      <Choice label={words.connections} hint={words.connectionsHint}>
        <Segments
          label={words.connections}
          value={settings.download_connections}
          options={amounts(connections, settings.download_connections)}
          onChange={(download_connections) => change({ download_connections })}
        />
      </Choice>
      <Choice label={words.total}>
        <Segments
          label={words.total}
          value={settings.download_connections_total}
          options={amounts(together, settings.download_connections_total)}
          onChange={(download_connections_total) => change({ download_connections_total })}
        />
      </Choice>
      <PanelRow>
        <SwitchRow
          label={words.limit}
          hint={words.limitHint}
          checked={limit > 0}
          onChange={(on) => change({ download_limit: on ? firstLimit : 0 })}
        />
        {limit > 0 && (
          <p className="mt-2 flex items-center gap-2">
            <input
              id={`${id}-limit`}
              key={limit}
              type="number"
              min={0.1}
              max={10_000}
              step="any"
              defaultValue={Number((limit / mib).toFixed(2))}
              onBlur={(event) => {
                const rate = Math.round(event.target.valueAsNumber * mib);
                if (rate > 0 && rate !== limit) change({ download_limit: Math.min(rate, 10_000 * mib) });
                else event.target.value = String(Number((limit / mib).toFixed(2)));
              }}
              onKeyDown={(event) => {
                if (event.key === "Enter") event.currentTarget.blur();
              }}
              className="h-8 w-24 rounded-lg border border-line2 bg-raised px-3 tabular-nums"
            />
            <label htmlFor={`${id}-limit`} className="text-dim">
              {words.rate}
            </label>
          </p>
        )}
      </PanelRow>
      <PanelRow>
        <SwitchRow
          label={words.hours}
          hint={words.hoursHint}
          checked={hours !== null}
          onChange={(on) => change({ download_hours: on ? night : null })}
        />
        {hours !== null && (
          <p className="mt-2 flex flex-wrap items-center gap-x-4 gap-y-2">
            {(["from", "to"] as const).map((end) => (
              <label key={end} className="flex items-center gap-2 text-dim">
                {words[end]}
                <input
                  type="time"
                  required
                  key={hours[end]}
                  defaultValue={clock(hours[end])}
                  onBlur={(event) => setHour(end, event.target.value)}
                  className="h-8 rounded-lg border border-line2 bg-raised px-2 text-text tabular-nums"
                />
              </label>
            ))}
          </p>
        )}
      </PanelRow>
    </Panel>
  );
}
