/**
 * Civitai's catalogue. What it said is kept by words and filters, outside of what events make stale: a file that arrives
 * must not have Civitai asked again. What is here is asked of the engine alone, and follows every event.
 */
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import type { DiscoverModel } from "../bindings/DiscoverModel";
import type { DiscoverSearch } from "../bindings/DiscoverSearch";
import type { ModelMarks } from "../bindings/ModelMarks";
import { useCommand, usePlatform } from "./client";

/** More than anybody scrolls through; what is beyond is found by narrowing the search. */
export const mostPages = 25;

// Going back to a search, or to a page that was open, asks nobody again for so long.
const kept = 10 * 60_000;

/** Of this page: a later search ends the one before it, wherever it stands. */
const ticket = `page-${Math.random().toString(36).slice(2)}`;

/** A search, page after page. */
export function useCatalogue(search: DiscoverSearch, enabled: boolean) {
  const platform = usePlatform();
  return useInfiniteQuery({
    queryKey: ["catalogue", search],
    queryFn: ({ pageParam }) => platform.call("discover_search", { ...search, ticket, ...(pageParam === null ? {} : { cursor: pageParam }) }),
    initialPageParam: null as string | null,
    getNextPageParam: (last, all) => (all.length >= mostPages ? null : last.next),
    enabled,
    // The engine has tried again already where that makes sense.
    retry: false,
    gcTime: kept,
  });
}

/** All models of the pages so far, each once: what moves up while one scrolls comes twice. */
export function useModels(pages: readonly { models: DiscoverModel[] }[] | undefined): DiscoverModel[] {
  return useMemo(() => {
    const byId = new Map<number, DiscoverModel>();
    for (const page of pages ?? []) for (const model of page.models) if (!byId.has(model.id)) byId.set(model.id, model);
    return [...byId.values()];
  }, [pages]);
}

export function useModelPage(id: number) {
  const platform = usePlatform();
  return useQuery({
    queryKey: ["catalogue-model", id],
    queryFn: () => platform.call("discover_model", { id }),
    retry: false,
    gcTime: kept,
  });
}

/** What of these models is here now. Until the engine has said so, what it said with them holds. */
export function useMarks(models: readonly { id: number; marks: ModelMarks }[]): (id: number) => ModelMarks | undefined {
  const ids = models.map((model) => model.id);
  const { data } = useCommand("discover_marks", { models: ids }, { enabled: ids.length > 0, keepPrevious: true });
  const now = useMemo(() => new Map(data?.map((marks) => [marks.model, marks])), [data]);
  const told = useMemo(() => new Map(models.map((model) => [model.id, model.marks])), [models]);
  return (id) => now.get(id) ?? told.get(id);
}

/** Kinds and base models to filter by. */
export function useCatalogueWords(enabled: boolean) {
  const platform = usePlatform();
  return useQuery({ queryKey: ["catalogue-words"], queryFn: () => platform.call("discover_words", {}), enabled, retry: false, gcTime: kept });
}
