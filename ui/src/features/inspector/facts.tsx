import { usePlatform } from "../../api/client";
import type { ItemDetail } from "../../bindings/ItemDetail";
import type { LibraryItem } from "../../bindings/LibraryItem";
import { CopyButton } from "../../components/copy-button";
import { cx } from "../../components/cx";
import { useNow } from "../../components/use-now";
import { text, format } from "../../text";
import { visible } from "../../text/visible";
import { Section } from "./section";

interface Fact {
  term: string;
  value: string;
  mono?: boolean;
  copy?: boolean;
  title?: string;
}

function factsOf(item: LibraryItem, detail: ItemDetail | undefined, now: number): Fact[] {
  const terms = text.inspector.fact;
  const hash = (term: string, value: string | null | undefined): Fact[] =>
    value ? [{ term, value, mono: true, copy: true, title: value }] : [];
  return [
    { term: terms.name, value: item.file_name, copy: true, title: item.path },
    { term: terms.folder, value: item.folder === "" ? text.inspector.atTop : item.folder, title: `${item.root}/${item.folder}` },
    { term: terms.size, value: format.bytes(item.size), title: `${format.count(item.size)} B` },
    { term: terms.changed, value: format.day(item.modified_at, now), title: format.dayAndTime(item.modified_at) },
    ...(detail?.published_at ? [{ term: terms.published, value: text.published(detail.published_at, now) }] : []),
    ...hash("SHA256", detail?.hashes?.sha256 ?? item.sha256),
    ...hash("AutoV1", detail?.hashes?.autov1),
    ...hash("AutoV2", detail?.hashes?.autov2),
    ...hash("AutoV3", detail?.hashes?.autov3),
    ...hash("BLAKE3", detail?.hashes?.blake3),
    ...hash("CRC32", detail?.hashes?.crc32),
    ...(item.provenance === null
      ? []
      : [
          {
            term: terms.hashFrom,
            value: text.provenance(item.provenance, item.hash_source),
            ...(item.hashed_at === null ? {} : { title: format.dayAndTime(item.hashed_at) }),
          },
        ]),
    ...(item.matched_by === null ? [] : [{ term: terms.foundBy, value: text.matchedBy(item.matched_by) }]),
    ...hash(terms.air, item.air),
  ];
}

export function Facts({ item, detail }: { item: LibraryItem; detail: ItemDetail | undefined }) {
  const platform = usePlatform();
  const now = useNow();
  const header = detail?.header;
  const promised = header?.expected_size ?? null;
  return (
    <Section title={text.inspector.facts}>
      <dl className="grid grid-cols-[4.75rem_minmax(0,1fr)] gap-x-2.5 gap-y-1 text-sm">
        {factsOf(item, detail, now).map((fact) => (
          <div key={fact.term} className="group/fact contents">
            <dt className="text-faint">{fact.term}</dt>
            <dd className="flex min-w-0 items-center gap-1">
              <span className={cx("truncate select-text", fact.mono === true && "font-mono text-xs")} title={fact.title}>
                <bdi>{visible(fact.value)}</bdi>
              </span>
              {fact.copy === true && (
                <CopyButton
                  value={fact.value}
                  copyText={(value) => platform.copyText(value)}
                  words={{
                    label: text.common.copy(fact.term),
                    copied: text.common.copiedWhat(fact.term),
                    failed: text.common.copyFailed,
                  }}
                />
              )}
            </dd>
          </div>
        ))}
      </dl>
      {promised !== null && promised > item.size && (
        <p className="mt-2 text-sm text-bad">{text.inspector.truncated(promised, item.size)}</p>
      )}
    </Section>
  );
}

/** Every place on disk: this file, links to it, and other files of the same content. */
export function Places({ item, detail, onShow }: { item: LibraryItem; detail: ItemDetail | undefined; onShow: (id: number) => void }) {
  const copies = detail?.copies ?? [];
  if (item.also_at.length === 0 && copies.length === 0) return null;
  const path = "block wrap-anywhere select-text";
  return (
    <Section title={text.inspector.where}>
      <ul className="flex flex-col gap-2 text-sm">
        <li>
          <span className="text-faint">{text.inspector.thisFile}</span>
          <bdi className={path}>{visible(item.path)}</bdi>
        </li>
        {item.also_at.map((link) => (
          <li key={link}>
            <span className="text-faint">{text.inspector.link}</span>
            <bdi className={path}>{visible(link)}</bdi>
          </li>
        ))}
        {copies.map((copy) => (
          <li key={copy.id}>
            <span className="text-faint">
              {text.inspector.copy}
              {copy.missing && `, ${text.inspector.missingCopy}`}
            </span>
            <button
              type="button"
              title={text.inspector.openCopy}
              onClick={() => onShow(copy.id)}
              className="block rounded text-left wrap-anywhere hover:text-accent hover:underline"
            >
              <bdi>{visible(copy.path)}</bdi>
            </button>
          </li>
        ))}
      </ul>
    </Section>
  );
}
