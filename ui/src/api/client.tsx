/** The hooks through which every view reads and changes the engine's data. */
import { QueryClient, QueryClientProvider, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { UseMutationResult, UseQueryResult } from "@tanstack/react-query";
import { createContext, use, useEffect, useState, useSyncExternalStore } from "react";
import type { ReactNode } from "react";

import { CommandError } from "../platform";
import type { CommandName, Connection, Platform, Request, Response } from "../platform";
import { staleAfterCommand } from "./invalidation";
import { commandKey } from "./keys";
import { followEvents, markStale } from "./live";

const PlatformContext = createContext<Platform | null>(null);

export function usePlatform(): Platform {
  const platform = use(PlatformContext);
  if (!platform) throw new Error("usePlatform outside ApiProvider");
  return platform;
}

export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        // The engine is on this computer: what the browser thinks of the network does not matter.
        networkMode: "always",
        // Copies are made stale by events, not by age.
        staleTime: Infinity,
        gcTime: 60_000,
        refetchOnWindowFocus: false,
        refetchOnReconnect: false,
        retry: (failures, error) => failures < 2 && error instanceof CommandError && error.wire.retryable,
        retryDelay: (attempt) => 300 * 2 ** attempt,
      },
      mutations: { networkMode: "always", retry: false },
    },
  });
}

export function ApiProvider({ platform, client, children }: { platform: Platform; client?: QueryClient; children: ReactNode }) {
  const [own] = useState(() => client ?? makeQueryClient());
  useEffect(() => followEvents(platform, own), [platform, own]);
  return (
    <PlatformContext value={platform}>
      <QueryClientProvider client={own}>{children}</QueryClientProvider>
    </PlatformContext>
  );
}

export interface ReadOptions {
  enabled?: boolean;
  /** Show the answer to the previous request until this one's is there. */
  keepPrevious?: boolean;
}

export function commandQuery<K extends CommandName>(platform: Platform, name: K, request: Request<K>) {
  return {
    queryKey: commandKey(name, request),
    queryFn: () => platform.call(name, request),
  };
}

/** Reads with a command. */
export function useCommand<K extends CommandName>(
  name: K,
  request: Request<K>,
  { enabled = true, keepPrevious = false }: ReadOptions = {},
): UseQueryResult<Response<K>> {
  const platform = usePlatform();
  return useQuery<Response<K>>({
    queryKey: commandKey(name, request),
    queryFn: () => platform.call(name, request),
    enabled,
    ...(keepPrevious ? { placeholderData: (previous: Response<K> | undefined) => previous } : {}),
  } as Parameters<typeof useQuery<Response<K>>>[0]);
}

/** Changes with a command; afterwards everything the command makes stale is read again. */
export function useMutationCommand<K extends CommandName>(name: K): UseMutationResult<Response<K>, Error, Request<K>> {
  const platform = usePlatform();
  const client = useQueryClient();
  return useMutation<Response<K>, Error, Request<K>>({
    mutationFn: (request) => platform.call(name, request),
    onSettled: () => markStale(client, staleAfterCommand(name)),
  });
}

export function useConnection(): Connection {
  const platform = usePlatform();
  return useSyncExternalStore(
    (listener) => platform.onConnection(listener),
    () => platform.connection(),
  );
}
