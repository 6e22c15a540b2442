import type { Asked } from "../../api/vault";
import type { VaultChangeReport } from "../../bindings/VaultChangeReport";
import { Notice } from "../../components/state-message";
import { ErrorWords } from "../../components/wire-error";
import { text } from "../../text";

const words = text.vault;

// The first few say what is wrong; hundreds of the same would push the list away.
const told = 5;

/** What did not come of a download or a change, and why. */
export function Outcome({ error, asked, changes }: { error: Error | null; asked: Asked; changes: readonly VaultChangeReport[] }) {
  const refused = asked.reports.filter((report) => report.problem !== null);
  const items = new Set(refused.map((report) => report.item));
  const unchanged = changes.filter((report) => report.outcome === "not_changed" || report.outcome === "unknown");
  return (
    <>
      {error !== null && (
        <Notice tone="bad">
          <ErrorWords error={error} />
        </Notice>
      )}
      {refused.length > 0 && (
        <Notice tone="warn">
          <strong className="font-medium">{words.refused(items.size)}</strong>
          {refused.slice(0, told).map((report) => (
            <span key={`${report.item} ${report.part}`} className="mt-1 block">
              <ErrorWords error={report.problem} />
            </span>
          ))}
          {asked.unasked > 0 && <span className="mt-1 block">{words.unasked(asked.unasked)}</span>}
        </Notice>
      )}
      {unchanged.length > 0 && (
        <Notice tone="warn">
          {unchanged.slice(0, told).map((report) => (
            <span key={`${report.version ?? ""} ${report.file ?? ""}`} className="mt-1 block">
              <strong className="font-medium">{words.notDone(report.title, report.outcome)}</strong>
              {report.problem !== null && (
                <span className="block">
                  <ErrorWords error={report.problem} />
                </span>
              )}
            </span>
          ))}
        </Notice>
      )}
    </>
  );
}
