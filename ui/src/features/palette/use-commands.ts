/** What can be done from anywhere, now: a scan that runs can be paused, one that is paused goes on. */
import { Archive, ArrowRight, Keyboard, Link2, Pause, Play, RefreshCw, SunMoon, UserRound } from "lucide-react";
import type { LucideIcon } from "lucide-react";

import { useAccount } from "../../api/account";
import { useMutationCommand } from "../../api/client";
import { useDownloads } from "../../api/downloads";
import { useReadOnly } from "../../api/read-only";
import { useSettings } from "../../api/settings";
import type { Theme } from "../../bindings/Theme";
import { goInto, goTo } from "../../components/use-place";
import { goKey, keysOf, placeKeys } from "../../shortcuts";
import { text } from "../../text";
import { can } from "../downloads/state";
import { all as allPlaces } from "../rail/places";
import { useScan } from "../scan/use-scan";

const words = text.palette;
const themes: Theme[] = ["system", "light", "dark"];

export interface Command {
  id: string;
  group: "places" | "actions";
  title: string;
  /** Other words it is looked for by. */
  also?: string;
  icon: LucideIcon;
  keys?: readonly string[] | undefined;
  /** Rejects with what went wrong. Gives what to say when it is done, if that is not seen. */
  run: () => Promise<string | null>;
}

export function useCommands(onShortcuts: () => void): Command[] {
  const { job, running } = useScan();
  const readOnly = useReadOnly();
  const downloads = useDownloads();
  const settings = useSettings();
  const account = useAccount();
  const startScan = useMutationCommand("scan_start");
  const pauseScan = useMutationCommand("job_pause");
  const resumeScan = useMutationCommand("job_resume");
  const pauseAll = useMutationCommand("downloads_pause");
  const resumeAll = useMutationCommand("downloads_resume");
  const sync = useMutationCommand("vault_sync");
  const save = useMutationCommand("settings_set");

  const commands: Command[] = allPlaces.map((place) => {
    const letter = placeKeys[place];
    const keys = letter === undefined ? undefined : [goKey, letter];
    return { id: `go-${place}`, group: "places", title: text.places[place], icon: ArrowRight, keys, run: there(() => goInto(place)) };
  });
  commands.push({ id: "go-account", group: "places", title: words.account, also: words.also.account, icon: UserRound, run: there(() => goTo("settings/account")) });
  commands.push({ id: "go-link", group: "places", title: words.link, also: words.also.link, icon: Link2, run: there(() => goTo("settings/link")) });
  const shortcuts: Command = { id: "shortcuts", group: "actions", title: words.shortcuts, also: words.also.shortcuts, icon: Keyboard, keys: keysOf("shortcuts")[0], run: there(onShortcuts) };
  if (readOnly) return [...commands, shortcuts];
  const add = (command: Omit<Command, "group">) => commands.push({ ...command, group: "actions" });

  const scan = { also: words.also.scan };
  if (!running || job === null) {
    add({ ...scan, id: "scan", title: words.scan, icon: RefreshCw, run: () => startScan.mutateAsync({ roots: [], depth: "usual" }).then(() => words.scanStarted) });
  } else if (job.state === "paused") {
    add({ ...scan, id: "scan-resume", title: words.scanResume, icon: Play, run: () => resumeScan.mutateAsync({ id: job.id }).then(() => words.scanResumed) });
  } else {
    add({ ...scan, id: "scan-pause", title: words.scanPause, icon: Pause, run: () => pauseScan.mutateAsync({ id: job.id }).then(() => words.scanPaused) });
  }
  const toPause = (downloads.data ?? []).filter(can.pause).map(({ id }) => id);
  const toResume = (downloads.data ?? []).filter(can.resume).map(({ id }) => id);
  if (toPause.length > 0) {
    add({ id: "downloads-pause", title: words.downloadsPause, also: words.also.downloads, icon: Pause, run: () => pauseAll.mutateAsync({ ids: toPause }).then(() => words.downloadsPaused) });
  }
  if (toResume.length > 0) {
    add({ id: "downloads-resume", title: words.downloadsResume, also: words.also.downloads, icon: Play, run: () => resumeAll.mutateAsync({ ids: toResume }).then(() => words.downloadsResumed) });
  }
  if (account.data?.signed_in === true) {
    add({ id: "vault", title: words.vault, also: words.also.vault, icon: Archive, run: () => sync.mutateAsync({}).then(() => words.vaultRead) });
  }
  const now = settings.data;
  if (now !== undefined) {
    for (const theme of themes.filter((each) => each !== now.theme)) {
      add({ id: `theme-${theme}`, title: words.theme(theme), also: words.also.theme, icon: SunMoon, run: () => save.mutateAsync({ ...now, theme }).then(() => words.themeSet(theme)) });
    }
  }
  return [...commands, shortcuts];
}

function there(go: () => void): () => Promise<null> {
  return () => {
    go();
    return Promise.resolve(null);
  };
}
