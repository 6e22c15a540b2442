import { Heart, Star } from "lucide-react";

import type { LibraryItem } from "../../bindings/LibraryItem";
import { text } from "../../text";

/** Favourite and rating, quietly, where a model is one of many. */
export function MarksShown({ item, className }: { item: LibraryItem; className: string }) {
  if (!item.favourite && item.rating === 0) return null;
  return (
    <span className={className}>
      {item.favourite && (
        <>
          <Heart aria-hidden size={11} fill="currentColor" />
          <span className="sr-only">{text.marks.favourite}, </span>
        </>
      )}
      {item.rating > 0 && (
        <span aria-hidden className="flex items-center gap-0.5 tabular-nums">
          {item.rating}
          <Star size={10} fill="currentColor" />
        </span>
      )}
      {item.rating > 0 && <span className="sr-only">{text.marks.rated(item.rating)}, </span>}
    </span>
  );
}
