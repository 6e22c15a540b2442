import type { PastAnswer } from "../../bindings/PastAnswer";
import { useNow } from "../../components/use-now";
import { format, text } from "../../text";
import { Section } from "./section";
import { visible } from "../../text/visible";

/** What Civitai said over time, newest first. One answer is what the rest of the page shows: no history yet. */
export function History({ answers }: { answers: readonly PastAnswer[] }) {
  const now = useNow();
  if (answers.length < 2) return null;
  return (
    <Section title={text.inspector.history.title}>
      <ol className="flex flex-col gap-2 border-l border-line pl-3 text-sm">
        {answers.map((answer) => (
          <li key={`${answer.first_at}-${answer.name}`}>
            <span className="block wrap-anywhere select-text"><bdi>{visible(answer.name)}</bdi></span>
            <span
              className="text-faint"
              title={text.inspector.history.exactly(format.dayAndTime(answer.first_at), format.dayAndTime(answer.last_at))}
            >
              {text.inspector.history.span(answer.first_at, answer.last_at, now)}
              {" · "}
              {text.inspector.history.listed(answer.files, answer.previews)}
            </span>
          </li>
        ))}
      </ol>
    </Section>
  );
}
