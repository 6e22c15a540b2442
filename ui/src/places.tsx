/** The places beside the Library. Each is fetched on its own, so that the Library does not wait for all of them. */
import { cx } from "./components/cx";
import { lazily } from "./components/lazily";
import { SkeletonGrid } from "./features/library/skeleton";
import { text } from "./text";

function Outlines({ title, className }: { title: string; className: string }) {
  return (
    <main id="main" aria-label={title} className="min-h-0 min-w-0 flex-1 overflow-y-auto outline-none" tabIndex={-1}>
      <div className={cx("mx-auto flex flex-col gap-5 px-6 py-6 phone:px-4", className)}>
        <h1 className="text-xl font-semibold tracking-tight">{title}</h1>
        <div role="status" aria-label={text.common.loading} className="flex flex-col gap-2">
          {[0, 1, 2].map((row) => (
            <div key={row} className="h-20 animate-breathe rounded-xl bg-raised" />
          ))}
        </div>
      </div>
    </main>
  );
}

export const DownloadsPlace = lazily(
  () => import("./features/downloads/downloads").then((part) => part.DownloadsPlace),
  () => <Outlines title={text.downloads.title} className="max-w-3xl" />,
);

export const DiscoverPlace = lazily(
  () => import("./features/discover/discover").then((part) => part.DiscoverPlace),
  () => (
    <main id="main" aria-label={text.discover.title} className="flex min-h-0 min-w-0 flex-1 flex-col pt-24" tabIndex={-1}>
      <h1 className="sr-only">{text.discover.title}</h1>
      <SkeletonGrid />
    </main>
  ),
);

export const VaultPlace = lazily(
  () => import("./features/vault/vault").then((part) => part.VaultPlace),
  () => <Outlines title={text.vault.title} className="max-w-3xl" />,
);

export const NeedsPlace = lazily(
  () => import("./features/needs/needs-place").then((part) => part.NeedsPlace),
  () => <Outlines title={text.needs.title} className="max-w-2xl" />,
);

export const ActivityPlace = lazily(
  () => import("./features/activity/activity").then((part) => part.ActivityPlace),
  () => <Outlines title={text.activity.title} className="max-w-3xl" />,
);

export const CarePlace = lazily(
  () => import("./features/care/care").then((part) => part.CarePlace),
  () => <Outlines title={text.care.title} className="max-w-3xl" />,
);

export const SettingsPlace = lazily(
  () => import("./features/settings/settings").then((part) => part.SettingsPlace),
  () => <Outlines title={text.settings.title} className="max-w-2xl" />,
);

export const FirstRun = lazily(
  () => import("./features/first-run/first-run").then((part) => part.FirstRun),
  // Centred, and shown once in a life: an empty page for a moment is calmer than outlines of something else.
  () => <main id="main" aria-label={text.firstRun.title} className="min-h-0 flex-1" />,
);

// Over any place, and gone again: nothing takes their place while they are fetched.
const nothing = () => null;

export const Palette = lazily(() => import("./features/palette/palette").then((part) => part.Palette), nothing);

export const Shortcuts = lazily(() => import("./features/shortcuts/shortcuts").then((part) => part.Shortcuts), nothing);

export const DropSheet = lazily(() => import("./features/drop/drop-sheet").then((part) => part.DropSheet), nothing);

export const AskSheet = lazily(() => import("./features/link/ask-sheet").then((part) => part.AskSheet), nothing);

/** Fetches what is not shown yet, for when somebody goes there. */
export async function preloadPlaces(): Promise<void> {
  const places = [DownloadsPlace, VaultPlace, DiscoverPlace, CarePlace, ActivityPlace, NeedsPlace, SettingsPlace, FirstRun];
  await Promise.all([...places, Palette, Shortcuts, DropSheet, AskSheet].map((place) => place.preload()));
}
