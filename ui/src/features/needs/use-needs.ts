/** Reads nothing that other places do not read as well, so the count costs nothing. */
import { useAccount } from "../../api/account";
import { useCommand } from "../../api/client";
import { useDownloads } from "../../api/downloads";
import { useLink } from "../../api/link";
import { useSettings } from "../../api/settings";
import { facetQuery, noFilter } from "../library/filter";
import { jobToShow } from "../scan/use-scan";
import { needsOf, waitingOf } from "./needs";

export function useNeeds() {
  const facets = useCommand("library_facets", facetQuery(noFilter));
  const roots = useCommand("roots_list", {});
  const downloads = useDownloads();
  const account = useAccount();
  const vault = useCommand("vault_show", {});
  const jobs = useCommand("jobs_list", {});
  const link = useLink();
  const settings = useSettings();
  const all = [facets, roots, downloads, account, vault, jobs, link];
  const known = {
    facets: facets.data,
    roots: roots.data,
    downloads: downloads.data,
    account: account.data,
    vault: vault.data,
    job: jobToShow(jobs.data),
    settings: settings.data,
    link: link.data,
  };
  return {
    needs: needsOf(known),
    waiting: waitingOf(known),
    pending: all.some((each) => each.isPending),
    error: all.find((each) => each.isError)?.error ?? null,
    retry: () => {
      for (const each of all) if (each.isError) void each.refetch();
    },
  };
}
