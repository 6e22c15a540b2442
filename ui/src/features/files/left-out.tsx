import { Notice } from "../../components/state-message";
import { text } from "../../text";
import { mostFiles, named } from "./subject";
import type { Subject } from "./subject";

const words = text.fileActions;

/** Which of those that were chosen nothing can be done to, and why. */
export function LeftOut({ subjects }: { subjects: readonly Subject[] }) {
  const away = subjects.filter((subject) => subject.missing);
  const here = subjects.length - away.length;
  return (
    <>
      {away.length > 0 && here > 0 && (
        <div className="mt-3">
          <Notice tone="calm">{words.away(away.length, named(away))}</Notice>
        </div>
      )}
      {here > mostFiles && (
        <div className="mt-3">
          <Notice tone="warn">{words.tooMany(mostFiles)}</Notice>
        </div>
      )}
    </>
  );
}
