import type { Terms } from "../../bindings/Terms";
import { text } from "../../text";
import { Section } from "../inspector/section";

const words = text.discover.terms;

/** What the author permits. What is not said is left out, not guessed. */
export function TermsOf({ terms }: { terms: Terms }) {
  const allowed = (yes: boolean | null) => (yes === null ? null : yes ? words.yes : words.no);
  const rows = [
    [words.credit, terms.without_credit === null ? null : terms.without_credit ? words.creditNot : words.creditNeeded],
    [words.commercial, terms.commercial === null ? null : words.commercialUses(terms.commercial)],
    [words.derivatives, allowed(terms.derivatives)],
    [words.other, terms.derivatives === false ? null : allowed(terms.other_terms)],
  ].filter((row): row is [string, string] => row[1] !== null);
  if (rows.length === 0) return null;
  return (
    <Section title={words.title}>
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1 text-sm">
        {rows.map(([name, value]) => (
          <div key={name} className="col-span-2 grid grid-cols-subgrid">
            <dt className="text-faint">{name}</dt>
            <dd className="wrap-anywhere">{value}</dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}
