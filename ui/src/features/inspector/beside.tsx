import { usePlatform } from "../../api/client";
import type { ItemDetail } from "../../bindings/ItemDetail";
import type { SidecarInfo } from "../../bindings/SidecarInfo";
import { CopyButton } from "../../components/copy-button";
import { ErrorWords } from "../../components/wire-error";
import { text } from "../../text";
import { visible } from "../../text/visible";
import { Section } from "./section";

const words = text.inspector.beside;

/** What other tools, and the user, wrote beside the file. */
export function Beside({ sidecars }: Pick<ItemDetail, "sidecars">) {
  if (sidecars.length === 0) return null;
  return (
    <Section title={words.title}>
      <ul className="flex flex-col gap-3">
        {sidecars.map((sidecar) => (
          <li key={sidecar.path}>
            <Sidecar sidecar={sidecar} />
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Sidecar({ sidecar }: { sidecar: SidecarInfo }) {
  const fileName = sidecar.path.split(/[\\/]/).pop() ?? sidecar.path;
  const weight = sidecar.preferred_weight;
  return (
    <div className="text-sm">
      <p className="flex flex-wrap items-baseline gap-x-2">
        <span className="font-medium">{words.kind(sidecar.kind)}</span>
        <span className="min-w-0 truncate font-mono text-xs text-faint" title={sidecar.path}>
          <bdi>{visible(fileName)}</bdi>
        </span>
      </p>
      {sidecar.problem !== null && (
        <p className="mt-1 text-warn">
          <ErrorWords error={sidecar.problem} />
        </p>
      )}
      {sidecar.shared_with.length > 0 && <p className="wrap-anywhere text-dim" title={sidecar.shared_with.map(visible).join("\n")}>{words.shared(sidecar.shared_with.map(visible))}</p>}
      <dl className="mt-1 flex flex-col gap-1.5 empty:hidden">
        <Said term={words.activation} value={sidecar.activation_text} copy />
        <Said term={words.negative} value={sidecar.negative_text} copy />
        <Said term={words.weight} value={weight === null ? null : words.figure(weight)} />
        <Said term={words.notes} value={sidecar.notes} />
      </dl>
    </div>
  );
}

function Said({ term, value, copy = false }: { term: string; value: string | null; copy?: boolean }) {
  const platform = usePlatform();
  if (value === null || value.trim() === "") return null;
  return (
    <div>
      <dt className="flex items-center gap-1 text-faint">
        {term}
        {copy && (
          <CopyButton
            value={value}
            copyText={(copied) => platform.copyText(copied)}
            words={{
              label: text.common.copy(term),
              copied: text.common.copiedWhat(term),
              failed: text.common.copyFailed,
            }}
          />
        )}
      </dt>
      <dd className="wrap-anywhere whitespace-pre-line select-text">{value}</dd>
    </div>
  );
}
