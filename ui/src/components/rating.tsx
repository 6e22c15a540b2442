/** One to five stars. Native radio buttons, so the arrows work; the star that is set takes the rating away, and so does 0. */
import { Star } from "lucide-react";
import { useId } from "react";

import { cx } from "./cx";

export const stars = [1, 2, 3, 4, 5] as const;

export function Rating({
  value,
  label,
  star,
  onChange,
}: {
  value: number;
  label: string;
  star: (rating: number) => string;
  onChange: (rating: number) => void;
}) {
  const name = useId();
  return (
    <div
      role="radiogroup"
      aria-label={label}
      className="inline-flex items-center"
      onKeyDown={(event) => {
        if (event.ctrlKey || event.metaKey || event.altKey || !/^[0-5]$/.test(event.key)) return;
        event.preventDefault();
        onChange(Number(event.key));
      }}
    >
      {[0, ...stars].map((rating) => (
        <label
          key={rating}
          title={rating === 0 ? undefined : star(rating)}
          className={cx(
            "relative rounded has-focus-visible:outline-2 has-focus-visible:outline-accent",
            rating === 0 ? "sr-only" : "grid size-6.5 place-items-center",
            rating > 0 && (rating <= value ? "text-accent" : "text-faint hover:text-text"),
          )}
        >
          <input
            type="radio"
            name={name}
            aria-label={star(rating)}
            className="absolute inset-0 size-full appearance-none opacity-0"
            checked={rating === value}
            onChange={() => onChange(rating)}
            onClick={(event) => {
              // A key's click has no detail.
              if (rating === value && rating > 0 && event.detail > 0) onChange(0);
            }}
          />
          {rating > 0 && <Star aria-hidden size={15} fill={rating <= value ? "currentColor" : "none"} />}
        </label>
      ))}
    </div>
  );
}
