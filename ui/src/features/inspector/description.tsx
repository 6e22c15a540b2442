import { useEffect, useState } from "react";
import type { MouseEvent } from "react";

import { usePlatform } from "../../api/client";
import { cx } from "../../components/cx";
import { text } from "../../text";
import { Section } from "./section";

const long = 420;
// Going through more than this would be felt. What is longer is read at Civitai.
const most = 150_000;

/** What the author wrote. The sanitiser is only loaded when there is something to sanitise. */
export function Description({ title, html }: { title: string; html: string }) {
  const platform = usePlatform();
  const [clean, setClean] = useState<{ of: string; html: string } | null>(null);
  const [whole, setWhole] = useState(false);

  useEffect(() => {
    let current = true;
    void import("./sanitise").then(({ sanitised }) => {
      if (current) setClean({ of: html, html: sanitised(html.slice(0, most)) });
    });
    return () => {
      current = false;
    };
  }, [html]);

  const shown = clean?.of === html ? clean.html : null;
  if (shown === null || shown.trim() === "") return null;
  const isLong = shown.length > long;
  const follow = (event: MouseEvent) => {
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    if (!link) return;
    event.preventDefault();
    if (/^https?:/i.test(link.href)) void platform.openExternal(link.href);
  };
  return (
    <Section title={title}>
      {/* Links inside are real links; this only decides where they open. */}
      <div
        className={cx("prose text-sm select-text", isLong && !whole && "line-clamp-6")}
        onClick={follow}
        dangerouslySetInnerHTML={{ __html: shown }}
      />
      {whole && html.length > most && <p className="mt-1.5 text-sm text-faint">{text.inspector.cutShort}</p>}
      {isLong && (
        <button
          type="button"
          aria-expanded={whole}
          onClick={() => setWhole(!whole)}
          className="mt-1 -ml-1 h-6 rounded px-1 text-sm font-medium text-accent hover:underline"
        >
          {whole ? text.inspector.less : text.inspector.more}
        </button>
      )}
    </Section>
  );
}
