/** The queue of downloads, and what can be done to it. An answer is shown at once; the event that follows confirms it. */
import { useQueryClient } from "@tanstack/react-query";

import type { Download } from "../bindings/Download";
import { useCommand, useMutationCommand } from "./client";
import { inOrder, withDownloads, withOrder } from "./invalidation";
import { downloadsKey } from "./keys";

export function useDownloads() {
  return useCommand("downloads_list", {});
}

export function useDownloadActions() {
  const client = useQueryClient();
  const pause = useMutationCommand("downloads_pause");
  const resume = useMutationCommand("downloads_resume");
  const cancel = useMutationCommand("downloads_cancel");
  const retry = useMutationCommand("downloads_retry");
  const clear = useMutationCommand("downloads_clear");
  const order = useMutationCommand("download_order");
  const limit = useMutationCommand("download_limit");
  const all = [pause, resume, cancel, retry, clear, order, limit];

  const merge = (newer: Download[]) => client.setQueryData<Download[]>(downloadsKey, (known) => withDownloads(known, newer));
  const replace = (list: Download[]) => client.setQueryData<Download[]>(downloadsKey, list);
  /** What failed before is no longer news once something else is tried. */
  const reset = () => all.forEach((each) => each.reset());

  return {
    error: all.find((each) => each.error !== null)?.error ?? null,
    pause: (ids: number[]) => {
      reset();
      pause.mutate({ ids }, { onSuccess: merge });
    },
    resume: (ids: number[]) => {
      reset();
      resume.mutate({ ids }, { onSuccess: merge });
    },
    cancel: (ids: number[]) => {
      reset();
      cancel.mutate({ ids }, { onSuccess: merge });
    },
    retry: (ids: number[]) => {
      reset();
      retry.mutate({ ids }, { onSuccess: merge });
    },
    clear: (ids: number[]) => {
      reset();
      clear.mutate({ ids }, { onSuccess: replace });
    },
    /** Bytes a second; `null`: as all downloads together. */
    limit: (id: number, rate: number | null) => {
      reset();
      limit.mutate({ id, limit: rate }, { onSuccess: (changed) => merge([changed]) });
    },
    /** Before that one, or to the end. Shown at once, and put back where the engine refuses it. */
    move: (id: number, before: number | null, onRefused: () => void) => {
      reset();
      // A list that was asked for before would show the old order for a moment.
      void client.cancelQueries({ queryKey: downloadsKey });
      const was = client.getQueryData<Download[]>(downloadsKey)?.map((download) => download.id) ?? [];
      client.setQueryData<Download[]>(downloadsKey, (known) => known && withOrder(known, id, before));
      order.mutateAsync({ id, before }, { onSuccess: replace }).catch(() => {
        client.setQueryData<Download[]>(downloadsKey, (known) => known && inOrder(known, was));
        onRefused();
      });
    },
  };
}

export type DownloadActions = ReturnType<typeof useDownloadActions>;
