/** What is done to all selected models at once, and what came of it. */
import { useState } from "react";

import { useMutationCommand, usePlatform } from "../../api/client";
import { useMark } from "../../api/marks";
import { useReadOnly } from "../../api/read-only";
import type { IdentifyResponse } from "../../bindings/IdentifyResponse";
import type { MarksChange } from "../../bindings/MarksChange";
import type { VaultChangeReport } from "../../bindings/VaultChangeReport";
import { announce } from "../../components/announce";
import { text } from "../../text";
import { ids, mostFiles, named } from "../files/subject";
import type { Subject } from "../files/subject";

const words = text.selection;
/** What the engine takes in one go. */
const mostMarks = 50_000;
const mostVault = 1000;

export interface Outcome {
  /** What was done, where it is not to be seen anyway. */
  said: string | null;
  warning: string | null;
  error: unknown;
  /** What became of each that was to go into the vault. */
  vault: readonly VaultChangeReport[];
}

const nothing: Outcome = { said: null, warning: null, error: null, vault: [] };

export function inParts<T>(list: readonly T[], most: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / most) }, (_, part) => list.slice(part * most, (part + 1) * most));
}

export function useBulk() {
  const { mark: note } = useMark();
  const platform = usePlatform();
  const readOnly = useReadOnly();
  const identify = useMutationCommand("identify");
  const vault = useMutationCommand("vault_change");
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const [busy, setBusy] = useState(false);

  const run = async (work: () => Promise<Partial<Outcome>>) => {
    setBusy(true);
    setOutcome(null);
    try {
      const came = { ...nothing, ...(await work()) };
      if (came.said !== null) announce(came.said);
      setOutcome(came.warning === null && came.vault.length === 0 && came.said === null ? null : came);
    } catch (error) {
      setOutcome({ ...nothing, error });
    } finally {
      setBusy(false);
    }
  };

  /** Throws what the engine refuses. */
  const noteAll = async (subjects: readonly Subject[], part: Partial<MarksChange>): Promise<void> => {
    let marked = 0;
    const unread = new Set<number>();
    setOutcome(null);
    for (const some of inParts(ids(subjects), mostMarks)) {
      const report = await note(some, part);
      marked += report.marked;
      for (const id of report.unread) unread.add(id);
    }
    announce(words.noted(marked));
    const left = subjects.filter((subject) => unread.has(subject.id));
    if (left.length > 0) setOutcome({ ...nothing, warning: words.unread(left.length, named(left)) });
  };

  return {
    outcome,
    busy,
    tell: (error: unknown) => setOutcome({ ...nothing, error }),
    forget: () => setOutcome(null),
    noteAll,
    mark: (subjects: readonly Subject[], part: Partial<MarksChange>) => {
      if (subjects.length > 0 && !readOnly) noteAll(subjects, part).catch((error: unknown) => setOutcome({ ...nothing, error }));
    },
    reveal: (subjects: readonly Subject[]) =>
      void run(async () => {
        for (const id of ids(subjects)) await platform.reveal(id);
        return {};
      }),
    identify: (subjects: readonly Subject[]) =>
      void run(async () => {
        const sum: IdentifyResponse = { asked: 0, matched: 0, not_found: 0, pending: 0 };
        // Nobody named would mean everybody.
        for (const files of inParts(ids(subjects), mostFiles)) {
          const answer = await identify.mutateAsync({ files });
          for (const key of ["asked", "matched", "not_found", "pending"] as const) sum[key] += answer[key];
        }
        return { said: words.asked(sum.asked, sum.matched, sum.not_found, sum.pending) };
      }),
    toVault: (subjects: readonly Subject[]) =>
      void run(async () => {
        const reports: VaultChangeReport[] = [];
        for (const files of inParts(ids(subjects.filter((subject) => subject.known)), mostVault)) {
          reports.push(...(await vault.mutateAsync({ versions: [], files, to: "in" })));
        }
        const amount = (outcome: VaultChangeReport["outcome"]) => reports.filter((report) => report.outcome === outcome).length;
        return { said: words.inVault(amount("changed"), amount("already_so")), vault: reports };
      }),
  };
}

export type Bulk = ReturnType<typeof useBulk>;
