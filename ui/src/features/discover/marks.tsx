/** How it is told what of a model is here. */
import type { Access } from "../../bindings/Access";
import type { ModelMarks } from "../../bindings/ModelMarks";
import type { VersionMarks } from "../../bindings/VersionMarks";
import { text } from "../../text";
import { StateDot } from "../library/cover";
import type { Tone } from "../library/item";

const words = text.discover;

export interface Mark {
  word: string;
  tone: Tone;
}

/** The one thing worth saying of a model in a list: what is nearest to having it. */
export function markOf(marks: ModelMarks | undefined): Mark | null {
  if (marks === undefined) return null;
  if (marks.standing === "newest") return { word: words.mark.newest, tone: "good" };
  if (marks.underway) return { word: words.mark.underway, tone: "probable" };
  if (marks.standing === "other") return { word: words.mark.other, tone: "warn" };
  return marks.in_vault ? { word: words.mark.vault, tone: "known" } : null;
}

export function versionMark(marks: VersionMarks | undefined): Mark | null {
  if (marks === undefined) return null;
  if (marks.here.length > 0) return { word: words.mark.newest, tone: "good" };
  if (marks.underway.length > 0) return { word: words.mark.underway, tone: "probable" };
  return marks.in_vault ? { word: words.mark.vault, tone: "known" } : null;
}

export function marksOfVersion(marks: ModelMarks | undefined, version: number): VersionMarks | undefined {
  return marks?.versions.find((each) => each.id === version);
}

export function MarkWord({ mark }: { mark: Mark }) {
  return (
    <span className="inline-flex min-w-0 items-center gap-1.5">
      <StateDot tone={mark.tone} />
      <span className="truncate">{mark.word}</span>
    </span>
  );
}

/** That it must be paid for, in as few words as it takes. */
export function accessShort(access: Access): string | null {
  if (access.to === "open") return null;
  return access.to === "paid" ? words.access.paid : words.access.earlyShort;
}
