/** The website's "send to my computer". An answer is shown at once; the event that follows confirms it. */
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import type { LinkAsk } from "../bindings/LinkAsk";
import type { LinkInfo } from "../bindings/LinkInfo";
import type { LinkSite } from "../bindings/LinkSite";
import type { LinkWord } from "../bindings/LinkWord";
import { useCommand, useMutationCommand, usePlatform } from "./client";
import { linkKey } from "./keys";
import { markStale } from "./live";

export function useLink() {
  return useCommand("link_show", {});
}

/** Goes past the cache of requests: until it is used, a code is a key. */
export function usePairing() {
  const platform = usePlatform();
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const pair = async (site: LinkSite, code: string): Promise<LinkInfo | null> => {
    setBusy(true);
    setError(null);
    try {
      const info = await platform.call("link_pair", { site, code });
      client.setQueryData<LinkInfo>(linkKey, info);
      return info;
    } catch (failure) {
      setError(failure);
      return null;
    } finally {
      setBusy(false);
      markStale(client, ["link"]);
    }
  };
  return { pair, busy, error, forget: () => setError(null) };
}

export function useLeave() {
  const client = useQueryClient();
  const { mutate, isPending, error, variables } = useMutationCommand("link_leave");
  const leave = (site: LinkSite, onLeft: () => void) =>
    mutate(
      { site },
      {
        onSuccess: (info) => {
          client.setQueryData<LinkInfo>(linkKey, info);
          onLeft();
        },
      },
    );
  return { leave, isPending, error, /** What was last left, or not. */ site: variables?.site ?? null };
}

export function useAnswer() {
  const client = useQueryClient();
  const { mutate, isPending, error } = useMutationCommand("link_answer");
  const answer = ({ site, id }: LinkAsk, allow: LinkWord, onAnswered: () => void) =>
    mutate(
      { site, id, allow },
      {
        onSuccess: (info) => {
          client.setQueryData<LinkInfo>(linkKey, info);
          onAnswered();
        },
      },
    );
  return { answer, isPending, error };
}
