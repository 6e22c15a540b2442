/** Keeps the query cache in step with the engine's events. */
import type { QueryClient } from "@tanstack/react-query";

import type { Download } from "../bindings/Download";
import type { DownloadSample } from "../bindings/DownloadSample";
import type { Event as EngineEvent } from "../bindings/Event";
import type { JobSnapshot } from "../bindings/JobSnapshot";
import type { Platform } from "../platform";
import { isStale, staleAfterEvent, withSamples, withSnapshot } from "./invalidation";
import type { Stale } from "./invalidation";
import { downloadsKey, jobsKey, savingSettings, settingsKey } from "./keys";
import { throttled } from "./throttle";

// During a scan the engine says "library changed" several times a second; two refetches are as live as eyes need.
// A full queue that is let go on says as much once per row.
const libraryInterval = 500;
const downloadsInterval = 250;
// Progress is drawn five times a second, however often it is told: the page must not depend on the engine's manners.
const progressInterval = 200;

export function markStale(client: QueryClient, stale: Stale): void {
  if (stale !== "all" && stale.length === 0) return;
  void client.invalidateQueries({ predicate: (query) => isStale(query.queryKey, stale) });
}

/**
 * What an event makes stale. Settings that are being saved are left: what the engine has now is older than what is shown,
 * and the next change would be made to that. They are asked for when the last of them is saved.
 */
function markStaleByEvent(client: QueryClient, event: EngineEvent): void {
  const stale = staleAfterEvent(event);
  if (stale !== "all" && stale.length === 0) return;
  const kept = client.isMutating({ mutationKey: savingSettings }) > 0 ? settingsKey[0] : null;
  void client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== kept && isStale(queryKey, stale) });
}

export function followEvents(platform: Platform, client: QueryClient): () => void {
  const library = throttled(() => markStale(client, ["library"]), libraryInterval);
  const downloads = throttled(() => markStale(client, ["downloads"]), downloadsInterval);
  // The newest of each that is not drawn yet.
  const jobs = new Map<number, JobSnapshot>();
  const samples = new Map<number, DownloadSample>();
  const progress = throttled(() => {
    for (const job of jobs.values()) client.setQueryData<JobSnapshot[]>(jobsKey, (known) => withSnapshot(known, job));
    if (samples.size > 0) client.setQueryData<Download[]>(downloadsKey, (known) => withSamples(known, [...samples.values()]));
    jobs.clear();
    samples.clear();
  }, progressInterval);
  const unsubscribe = platform.subscribe((event) => {
    // What is asked for now is newer than what was told before: a job that has ended must not run again.
    if (event.event === "jobs_changed" || event.event === "resync") jobs.clear();
    if (event.event === "downloads_changed" || event.event === "resync") samples.clear();
    if (event.event === "progress") {
      jobs.set(event.job.id, event.job);
      progress.call();
    } else if (event.event === "download_progress") {
      for (const sample of event.downloads) samples.set(sample.id, sample);
      progress.call();
    } else if (event.event === "downloads_changed") {
      downloads.call();
    } else if (event.event === "library_changed") {
      library.call();
    } else {
      markStaleByEvent(client, event);
    }
  });
  return () => {
    library.stop();
    downloads.stop();
    progress.stop();
    unsubscribe();
  };
}
