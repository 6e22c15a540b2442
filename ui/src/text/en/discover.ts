/** The words of Discover. */
import type { CatalogueSort } from "../../bindings/CatalogueSort";
import type { Period } from "../../bindings/Period";
import type { ScanWord } from "../../bindings/ScanWord";
import { bytes, count, day, plural } from "../format";

const models = (amount: number) => plural(amount, "model", "models");

const sorts: Record<CatalogueSort, string> = {
  most_downloaded: "Most downloaded",
  highest_rated: "Highest rated",
  most_liked: "Most liked",
  most_discussed: "Most discussed",
  most_collected: "Most collected",
  newest: "Newest",
};

const periods: Record<Period, string> = {
  all_time: "All time",
  year: "Past year",
  month: "Past month",
  week: "Past week",
  day: "Past day",
};

const compact = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 1 });

const commercialUses: Record<string, string> = {
  Image: "selling images made with it",
  RentCivit: "offering it for generation at Civitai",
  Rent: "offering it for generation anywhere",
  Sell: "selling the model or merges of it",
};

export const discover = {
  title: "Discover",
  search: "Search Civitai",
  placeholder: "Search Civitai, or paste a link or AIR",
  clearSearch: "Clear search",
  asks: (server: string, signedIn: boolean) =>
    `What you search and open here is asked of ${server}${signedIn ? ", with your key" : ""}. Nothing about your library is sent.`,
  filters: "Filters",
  type: "Type",
  baseModel: "Base model",
  sort: (sort: CatalogueSort) => sorts[sort],
  sortLabel: (sort: CatalogueSort, period: Period) => `Order: ${sorts[sort]}, ${periods[period].toLowerCase()}`,
  period: (period: Period) => periods[period],
  more: "Tag and creator…",
  moreTitle: "Tag and creator",
  moreBody: "As they are written at Civitai.",
  tag: "Tag",
  creator: "Creator",
  apply: "Show",
  removeFilter: (what: string) => `Remove the filter ${what}`,
  tagChip: (tag: string) => `tag ${tag}`,
  creatorChip: (name: string) => `by ${name}`,
  level: (level: string) => `Up to ${level}`,
  levelOn: "Content level as in Settings",
  levelOff: "All levels",
  levelHint: "Above your content level covers stay blurred.",
  clear: "Clear filters",
  results: "Models at Civitai",
  shown: (amount: number, more: boolean) => (more ? `${count(amount)} so far` : models(amount)),
  above: (amount: number) => `${models(amount)} above your content level left out`,
  showAbove: "Show them, blurred",
  loadingMore: "Asking for more…",
  enough: (amount: number) => `These are the first ${count(amount)}. Narrow the search to see others.`,
  openVersion: (number: string) => `Open version ${number}`,
  finding: "Asking Civitai which model that is…",
  empty: "Nothing at Civitai matches",
  emptyHint: "Try fewer words, another spelling, or fewer filters.",
  emptyAbove: "Everything that matches is above your content level",
  off: "Asking Civitai is switched off",
  offHint: "Discover shows Civitai’s catalogue. Switch on look-up in Settings to use it.",
  toSettings: "Open settings",
  signIn: "Sign in",
  by: (creator: string) => `by ${creator}`,
  downloads: (amount: number) => `${compact.format(amount)} downloads`,
  downloadsShort: (amount: number) => compact.format(amount),
  likes: (amount: number) => `${compact.format(amount)} likes`,
  video: "Video",
  mark: {
    newest: "Here",
    other: "Older version here",
    underway: "On its way",
    vault: "In your vault",
  },
  access: {
    early: (until: string | null, now: number) => {
      const at = until === null ? Number.NaN : Date.parse(until);
      return Number.isNaN(at) ? "Early access" : `Early access until ${day(at, now)}`;
    },
    earlyShort: "Early access",
    earlyHint: "Its author wants it paid for until then. Civitai refuses it to everyone else.",
    paid: "Must be paid for",
    paidHint: "Its author sells access. Civitai refuses it to everyone who has not bought it.",
  },
  archived: "Archived by its author: there are no files to download.",
  takenDown: "Taken down by Civitai.",
  modeShort: { Archived: "Archived", TakenDown: "Taken down" } as Partial<Record<string, string>>,
  back: "Back to the results",
  page: (name: string) => `${name} at Civitai`,
  open: "Open at Civitai",
  versions: "Versions",
  versionTitle: (name: string) => `Version ${name}`,
  published: "Published",
  noVersions: "Civitai shows no version of this model.",
  files: "Files",
  noFiles: "This version has no files to download.",
  extent: { full: "full", pruned: "pruned" } as Partial<Record<string, string>>,
  format: { SafeTensor: "safetensors", PickleTensor: "pickle" } as Partial<Record<string, string>>,
  preferred: "suggested",
  file: (name: string) => `Choose ${name}`,
  fileHere: "Here",
  fileUnderway: "On its way",
  showHere: (name: string) => `Show ${name} in the library`,
  pickle: (scan: ScanWord) =>
    ({
      clean: "A pickle can run code when it is loaded. Civitai’s scan found none that does harm.",
      pending: "A pickle can run code when it is loaded, and Civitai has not scanned it yet.",
      danger: "Civitai’s scan found dangerous code in it. Do not load it.",
      failed: "A pickle can run code when it is loaded, and Civitai could not scan it.",
      unknown: "A pickle can run code when it is loaded. Civitai says nothing of a scan.",
    })[scan],
  danger: "Civitai’s scan found a virus in it.",
  notScanned: "Civitai has not scanned it for viruses yet.",
  noHash: "Civitai knows no hash for it: what arrives cannot be compared.",
  choose: (size: number) => `Download… (${bytes(size)})`,
  chooseAgain: (size: number) => `Download again… (${bytes(size)})`,
  looking: "Working out where it goes…",
  queued: (title: string) => `${title} was put into the queue`,
  toQueue: "Show the queue",
  vaultPut: "Add to vault",
  vaultPutting: "Adding…",
  vaultHint: "The vault at Civitai keeps a copy, even if its author removes it.",
  words: "Trigger words",
  terms: {
    title: "What its author permits",
    credit: "Credit",
    creditNeeded: "Name its author",
    creditNot: "Not needed",
    commercial: "Earning with it",
    commercialNone: "Not allowed",
    commercialUses: (uses: readonly string[]) => {
      const said = uses.filter((use) => use !== "None").map((use) => commercialUses[use] ?? use);
      const list = said.join(", ");
      return said.length === 0 ? "Not allowed" : list.charAt(0).toUpperCase() + list.slice(1);
    },
    derivatives: "Merges and training on it",
    other: "Other terms for those",
    yes: "Allowed",
    no: "Not allowed",
  },
  tags: "Tags",
  about: "About the model",
  aboutVersion: "About this version",
  pictures: "Previews",
};
