/** What wants looking after: how much of it, a list of it, and the downloads that put it right. */
import { useState } from "react";

import type { CareList } from "../bindings/CareList";
import type { DownloadRequest } from "../bindings/DownloadRequest";
import { useCommand, useMutationCommand } from "./client";
import { useQuiet } from "./quiet";

export function useCareSummary(enabled = true) {
  return useCommand("care_show", {}, { enabled });
}

/** For the rail: everything but what is missing, which nobody can look after from here. */
export function useCareCount(): number | null {
  const jobs = useCommand("jobs_list", {});
  // While a scan runs everything changes twice a second; what it comes to is asked once, at its end.
  const busy = jobs.data?.some((job) => job.state === "running") ?? true;
  // Counting all of it takes the engine as long as everything else on the screen together.
  const quiet = useQuiet();
  const summary = useCareSummary(quiet && !busy);
  const counts = summary.data?.lists.filter(({ list }) => list !== "missing") ?? [];
  const sum = counts.reduce((all, { count }) => all + count, 0);
  return sum > 0 ? sum : null;
}

/** The beginning of a list, so long. */
export function useCareList(list: CareList, limit: number) {
  return useCommand("care_list", { list, offset: 0, limit }, { keepPrevious: true });
}

export interface Queued {
  done: number;
  all: number;
  failed: readonly unknown[];
}

/** Puts downloads into the queue one after the other: each asks Civitai once. */
export function useQueueDownloads() {
  const { mutateAsync } = useMutationCommand("download_add");
  const [state, setState] = useState<Queued | null>(null);
  const [pending, setPending] = useState(false);
  const ask = async (requests: readonly DownloadRequest[]): Promise<number> => {
    const failed: unknown[] = [];
    setPending(true);
    for (const [index, request] of requests.entries()) {
      setState({ done: index, all: requests.length, failed: [...failed] });
      try {
        await mutateAsync(request);
      } catch (error) {
        failed.push(error);
      }
    }
    setPending(false);
    setState({ done: requests.length, all: requests.length, failed });
    return requests.length - failed.length;
  };
  return { ask, state, pending };
}
