/** The one scan there is: its job, and what can be done with it. */
import { useQueryClient } from "@tanstack/react-query";

import { useCommand, useMutationCommand } from "../../api/client";
import { jobsKey } from "../../api/keys";
import { withSnapshot } from "../../api/invalidation";
import type { JobSnapshot } from "../../bindings/JobSnapshot";

export function isLive(job: JobSnapshot | null | undefined): boolean {
  return job?.state === "running" || job?.state === "paused";
}

/** The job to show: the live one, else the one that ended last. */
export function jobToShow(jobs: readonly JobSnapshot[] | undefined): JobSnapshot | null {
  const all = jobs ?? [];
  const ended = all.filter((job) => !isLive(job)).sort((a, b) => (b.ended_at ?? 0) - (a.ended_at ?? 0));
  return all.find(isLive) ?? ended[0] ?? null;
}

export function useScan() {
  const client = useQueryClient();
  const jobs = useCommand("jobs_list", {});
  const begin = useMutationCommand("scan_start");
  const pause = useMutationCommand("job_pause");
  const resume = useMutationCommand("job_resume");
  const cancel = useMutationCommand("job_cancel");
  const job = jobToShow(jobs.data);
  const remember = (snapshot: JobSnapshot) =>
    client.setQueryData<JobSnapshot[]>(jobsKey, (known) => withSnapshot(known, snapshot));

  return {
    job,
    running: isLive(job),
    starting: begin.isPending,
    error: begin.error ?? pause.error ?? resume.error ?? cancel.error,
    start: (roots: number[] = []) => begin.mutate({ roots, depth: "usual" }),
    pause: () => job && pause.mutate({ id: job.id }, { onSuccess: remember }),
    resume: () => job && resume.mutate({ id: job.id }, { onSuccess: remember }),
    cancel: () => job && cancel.mutate({ id: job.id }, { onSuccess: remember }),
  };
}
