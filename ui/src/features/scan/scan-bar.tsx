import { Lock, Pause, Play, RefreshCw, TriangleAlert, X } from "lucide-react";
import type { ReactNode } from "react";
import { useEffect, useRef, useState } from "react";

import { useCommand } from "../../api/client";
import { useReadOnly } from "../../api/read-only";
import type { JobSnapshot } from "../../bindings/JobSnapshot";
import { announce } from "../../components/announce";
import { IconButton } from "../../components/button";
import { ProgressBar } from "../../components/progress-bar";
import { useNow } from "../../components/use-now";
import { ErrorWords } from "../../components/wire-error";
import { text } from "../../text";
import { scanWords } from "./progress";
import { useScan } from "./use-scan";

/** The line at the bottom: what is being done, or what was done last. */
export function ScanBar() {
  const scan = useScan();
  const readOnly = useReadOnly();
  const { job } = scan;
  const [dismissed, setDismissed] = useState<number | null>(null);
  const { running } = scan;
  const wasRunning = useRef(running);
  useEffect(() => {
    if (wasRunning.current && !running && job !== null) announce(endedWords(job, 0, Date.now()));
    wasRunning.current = running;
  }, [running, job]);
  const problem = job !== null && job.id !== dismissed && job.error !== null ? job : null;

  return (
    <section aria-label={text.scan.label} className="shrink-0 border-t border-line bg-panel text-sm text-dim tabular-nums">
      {(scan.error ?? problem) !== null && (
        <div role="alert" className="flex items-start gap-2.5 border-b border-line px-3.5 py-2 text-text">
          <TriangleAlert aria-hidden size={14} className={problem?.state === "done" ? "mt-0.5 text-warn" : "mt-0.5 text-bad"} />
          <p className="min-w-0 flex-1 wrap-anywhere">
            {scan.error !== null ? <ErrorWords error={scan.error} /> : problem?.error && <ErrorWords error={problem.error} />}
          </p>
          {problem !== null && (
            <IconButton small label={text.scan.dismiss} onClick={() => setDismissed(problem.id)}>
              <X aria-hidden size={13} />
            </IconButton>
          )}
        </div>
      )}
      <div className="relative flex h-8 items-center gap-3.5 pr-1.5 pl-3.5">
        {job !== null && scan.running ? (
          <Running
            job={job}
            actions={
              readOnly ? (
                <ReadOnlyMark />
              ) : (
                <>
                  {job.state === "paused" ? (
                    <IconButton small label={text.scan.resume} onClick={scan.resume}>
                      <Play aria-hidden size={13} />
                    </IconButton>
                  ) : (
                    <IconButton small label={text.scan.pause} onClick={scan.pause}>
                      <Pause aria-hidden size={13} />
                    </IconButton>
                  )}
                  <IconButton small label={text.scan.cancel} onClick={scan.cancel}>
                    <X aria-hidden size={14} />
                  </IconButton>
                </>
              )
            }
          />
        ) : (
          <>
            <Ended job={job} />
            {readOnly ? (
              <ReadOnlyMark />
            ) : (
              <button
                type="button"
                disabled={scan.starting}
                onClick={() => scan.start()}
                className="ml-auto inline-flex h-6 shrink-0 items-center gap-1.5 rounded px-2 font-medium text-dim hover:bg-hover hover:text-text disabled:opacity-50"
              >
                <RefreshCw aria-hidden size={12} />
                {job?.state === "failed" ? text.scan.again : text.scan.now}
              </button>
            )}
          </>
        )}
      </div>
    </section>
  );
}

/** Says once, wherever one is, why there is nothing to press. */
function ReadOnlyMark() {
  return (
    <span title={text.readOnly.hint} className="ml-auto inline-flex h-6 shrink-0 items-center gap-1.5 px-2 font-medium">
      <Lock aria-hidden size={12} className="text-faint" />
      {text.readOnly.mark}
      <span className="sr-only">. {text.readOnly.hint}</span>
    </span>
  );
}

function Running({ job, actions }: { job: JobSnapshot; actions: ReactNode }) {
  const words = scanWords(job);
  return (
    <>
      <span className="shrink-0 font-medium text-text">{words.phase}</span>
      <ProgressBar
        label={text.scan.progress}
        fraction={words.fraction}
        words={[words.phase, ...words.facts].join(", ")}
        held={job.state === "paused"}
        // On a phone the line's upper edge.
        className="w-44 shrink rounded-full phone:absolute phone:inset-x-0 phone:-top-px phone:h-0.75 phone:w-auto phone:rounded-none"
      />
      <span className="flex min-w-0 gap-3.5 truncate">
        {words.facts.map((fact, index) => (
          // On a phone only the first and the last fact fit: files and time left.
          <span key={index} className={index > 0 && index < words.facts.length - 1 ? "truncate phone:hidden" : "truncate"}>
            {fact}
          </span>
        ))}
      </span>
      {job.current !== null && job.state === "running" && (
        <span className="hidden min-w-0 flex-1 truncate text-right text-faint wide:inline" title={job.current} dir="auto">
          {fileName(job.current)}
        </span>
      )}
      <span className="ml-auto flex shrink-0 gap-0.5">{actions}</span>
    </>
  );
}

function fileName(path: string): string {
  return path.split(/[\\/]/).pop() ?? path;
}

function Ended({ job }: { job: JobSnapshot | null }) {
  const now = useNow();
  const roots = useCommand("roots_list", {});
  const lastScan = Math.max(0, ...(roots.data ?? []).map((root) => root.scanned_at ?? 0));
  return (
    <p className="truncate">{endedWords(job, lastScan, now)}</p>
  );
}

function endedWords(job: JobSnapshot | null, lastScan: number, now: number): string {
  switch (job?.state) {
    case "done":
      return text.scan.done(job.files_found, job.files_hashed, job.ended_at ?? now, now);
    case "cancelled":
      return text.scan.cancelled(job.files_hashed);
    case "failed":
      return text.scan.failed;
    case "running":
    case "paused":
    case undefined:
      return lastScan > 0 ? text.scan.idle(lastScan, now) : text.scan.never;
  }
}
