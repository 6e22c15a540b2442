import { Heart } from "lucide-react";
import { useId, useState } from "react";

import { useCommand } from "../../api/client";
import { useMark } from "../../api/marks";
import { Choosable, useReadOnly } from "../../api/read-only";
import type { LibraryItem } from "../../bindings/LibraryItem";
import type { MarksChange } from "../../bindings/MarksChange";
import { announce } from "../../components/announce";
import { IconButton } from "../../components/button";
import { Rating } from "../../components/rating";
import { Notice } from "../../components/state-message";
import { TagField } from "../../components/tag-field";
import { ErrorWords } from "../../components/wire-error";
import { CommandError } from "../../platform";
import { text } from "../../text";
import { facetQuery, noFilter } from "../library/filter";
import { Note } from "./note";

const words = text.marks;

export const tagWords = { add: words.addTag, suggestions: words.tagSuggestions, remove: words.removeTag };

/** Every tag in the library, most used first. */
export function useTagsInUse(): string[] {
  const facets = useCommand("library_facets", facetQuery(noFilter));
  return facets.data?.tags.map((tag) => tag.value) ?? [];
}

/** What the user noted of a model, and what they want to note. */
export function Marks({ item, note }: { item: LibraryItem; /** `null`: not known yet. */ note: string | null }) {
  const { mark } = useMark();
  const id = useId();
  const readOnly = useReadOnly();
  const inUse = useTagsInUse();
  const [failure, setFailure] = useState<{ of: "mark" | "tag"; error: unknown } | null>(null);
  if (item.sha256 === null) return <p className="text-sm text-dim">{words.unread}</p>;

  const change = async (of: "mark" | "tag", part: Partial<MarksChange>): Promise<boolean> => {
    setFailure(null);
    try {
      const report = await mark([item.id], part);
      if (report.unread.length === 0) return true;
      throw new CommandError({ code: "invalid_request", message: words.unread, hint: null, retryable: true });
    } catch (error) {
      setFailure({ of, error });
      return false;
    }
  };
  const problem = (of: "mark" | "tag") =>
    failure?.of === of && (
      <div id={`${id}-${of}`} className="mt-1.5">
        <Notice tone="bad">
          <ErrorWords error={failure.error} />
        </Notice>
      </div>
    );

  return (
    <section aria-label={words.title} className="flex flex-col gap-3">
      <div>
        <div className="-ml-1.5 flex items-center gap-2">
          <Choosable>
            <IconButton
              label={words.favourite}
              pressed={item.favourite}
              className={item.favourite ? "size-7 text-accent!" : "size-7"}
              onClick={() => void change("mark", { favourite: !item.favourite })}
            >
              <Heart aria-hidden size={16} fill={item.favourite ? "currentColor" : "none"} />
            </IconButton>
            <Rating value={item.rating} label={words.rating} star={words.stars} onChange={(rating) => void change("mark", { rating })} />
          </Choosable>
        </div>
        {problem("mark")}
      </div>
      <div role="group" aria-label={words.tags}>
        <TagField
          tags={item.tags}
          fixed={readOnly}
          inUse={inUse}
          words={tagWords}
          invalid={failure?.of === "tag"}
          describedBy={failure?.of === "tag" ? `${id}-tag` : undefined}
          onType={(typed) => {
            if (typed !== "" && failure?.of === "tag") setFailure(null);
          }}
          onAdd={async (tag) => {
            const taken = await change("tag", { add_tags: [tag] });
            if (taken) announce(words.tagAdded(tag));
            return taken;
          }}
          onRemove={(tag) => {
            void change("tag", { remove_tags: [tag] }).then((taken) => taken && announce(words.tagRemoved(tag)));
          }}
        />
        {problem("tag")}
      </div>
      <Note id={item.id} note={note} />
    </section>
  );
}
