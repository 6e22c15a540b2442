/** Bringing down what is in the vault: one wish may take several calls, and its reports belong together. */
import { useState } from "react";

import type { VaultDownload } from "../bindings/VaultDownload";
import type { VaultDownloadReport } from "../bindings/VaultDownloadReport";
import { useMutationCommand } from "./client";

export interface Asked {
  reports: readonly VaultDownloadReport[];
  /** Parts of items there is no report of: the engine stops where the next one would fail just so. */
  unasked: number;
}

const nothing: Asked = { reports: [], unasked: 0 };

export function useVaultDownload() {
  const { mutateAsync, reset, error, isPending } = useMutationCommand("vault_download");
  const [asked, setAsked] = useState(nothing);
  const ask = async (requests: readonly VaultDownload[]): Promise<Asked> => {
    setAsked(nothing);
    const reports: VaultDownloadReport[] = [];
    for (const request of requests) reports.push(...(await mutateAsync(request)));
    const wanted = requests.reduce((sum, { items, parts }) => sum + items.length * Math.max(1, parts.length), 0);
    const done = { reports, unasked: Math.max(0, wanted - reports.length) };
    setAsked(done);
    return done;
  };
  const clear = () => {
    reset();
    setAsked(nothing);
  };
  return { ask, asked, error, isPending, clear };
}
