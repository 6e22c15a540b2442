/** Keeps the query cache in step with the engine's events. */
import type { QueryClient } from "@tanstack/react-query";

import type { Download } from "../bindings/Download";
import type { JobSnapshot } from "../bindings/JobSnapshot";
import type { Platform } from "../platform";
import { isStale, staleAfterEvent, withSamples, withSnapshot } from "./invalidation";
import type { Stale } from "./invalidation";
import { downloadsKey, jobsKey } from "./keys";
import { throttled } from "./throttle";

// During a scan the engine says "library changed" several times a second; two refetches are as live as eyes need.
// A full queue that is let go on says as much once per row.
const libraryInterval = 500;
const downloadsInterval = 250;

export function markStale(client: QueryClient, stale: Stale): void {
  if (stale !== "all" && stale.length === 0) return;
  void client.invalidateQueries({ predicate: (query) => isStale(query.queryKey, stale) });
}

export function followEvents(platform: Platform, client: QueryClient): () => void {
  const library = throttled(() => markStale(client, ["library"]), libraryInterval);
  const downloads = throttled(() => markStale(client, ["downloads"]), downloadsInterval);
  const unsubscribe = platform.subscribe((event) => {
    if (event.event === "progress") {
      client.setQueryData<JobSnapshot[]>(jobsKey, (jobs) => withSnapshot(jobs, event.job));
    } else if (event.event === "download_progress") {
      client.setQueryData<Download[]>(downloadsKey, (known) => withSamples(known, event.downloads));
    } else if (event.event === "downloads_changed") {
      downloads.call();
    } else if (event.event === "library_changed") {
      library.call();
    } else {
      markStale(client, staleAfterEvent(event));
    }
  });
  return () => {
    library.stop();
    downloads.stop();
    unsubscribe();
  };
}
