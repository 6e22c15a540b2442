/** Keeps the query cache in step with the engine's events. */
import type { QueryClient } from "@tanstack/react-query";

import type { JobSnapshot } from "../bindings/JobSnapshot";
import type { Platform } from "../platform";
import { isStale, staleAfterEvent, withSnapshot } from "./invalidation";
import type { Stale } from "./invalidation";
import { jobsKey } from "./keys";
import { throttled } from "./throttle";

// During a scan the engine says "library changed" several times a second; two refetches are as live as eyes need.
const libraryInterval = 500;

export function markStale(client: QueryClient, stale: Stale): void {
  if (stale !== "all" && stale.length === 0) return;
  void client.invalidateQueries({ predicate: (query) => isStale(query.queryKey, stale) });
}

export function followEvents(platform: Platform, client: QueryClient): () => void {
  const library = throttled(() => markStale(client, ["library"]), libraryInterval);
  const unsubscribe = platform.subscribe((event) => {
    if (event.event === "progress") {
      client.setQueryData<JobSnapshot[]>(jobsKey, (jobs) => withSnapshot(jobs, event.job));
    } else if (event.event === "library_changed") {
      library.call();
    } else {
      markStale(client, staleAfterEvent(event));
    }
  });
  return () => {
    library.stop();
    unsubscribe();
  };
}
