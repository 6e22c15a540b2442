/** Who is signed in. Signing in goes past the cache of requests, which would keep the key for minutes. */
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import type { AccountInfo } from "../bindings/AccountInfo";
import { useCommand, usePlatform } from "./client";
import { accountKey } from "./keys";
import { markStale } from "./live";

export function useAccount() {
  return useCommand("account_show", {});
}

export function useSignIn() {
  const platform = usePlatform();
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const signIn = async (key: string): Promise<AccountInfo | null> => {
    setBusy(true);
    setError(null);
    try {
      const account = await platform.call("account_sign_in", { key });
      client.setQueryData<AccountInfo>(accountKey, account);
      // Another account has another vault.
      markStale(client, ["account", "vault"]);
      return account;
    } catch (failure) {
      setError(failure);
      return null;
    } finally {
      setBusy(false);
    }
  };
  return { signIn, busy, error };
}
