/** A job in words and a fraction. Pure. */
import type { JobSnapshot } from "../../bindings/JobSnapshot";
import { text } from "../../text";

export interface ScanWords {
  phase: string;
  /** 0 to 1; `null` while the end is not known. */
  fraction: number | null;
  facts: string[];
}

export function scanWords(job: JobSnapshot): ScanWords {
  const paused = job.state === "paused";
  const phase = paused ? text.scan.paused : text.scan.phase(job.phase);
  if (job.phase === "walking") return { phase, fraction: null, facts: [text.scan.found(job.files_found)] };
  const fraction = job.bytes_to_hash > 0 ? Math.min(1, job.bytes_hashed / job.bytes_to_hash) : null;
  if (job.phase !== "hashing" && job.phase !== "verifying") return { phase, fraction: job.phase === "finished" ? 1 : null, facts: [text.scan.found(job.files_found)] };
  const verifying = job.phase === "verifying";
  // Verifying is nothing to wait for: that is said first, and figures make room for it.
  const facts = [
    ...(verifying ? [text.scan.named] : []),
    text.scan.filesOf(job.files_hashed, job.files_to_hash),
    ...(verifying ? [] : [text.scan.bytesOf(job.bytes_hashed, job.bytes_to_hash)]),
  ];
  if (!paused && !verifying && job.bytes_per_second > 0) facts.push(text.scan.speed(job.bytes_per_second));
  if (!paused && job.seconds_left !== null) facts.push(text.scan.left(job.seconds_left));
  return { phase, fraction, facts };
}
