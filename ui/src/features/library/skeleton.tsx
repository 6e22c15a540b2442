import { text } from "../../text";

/** The grid's shape while the first page is on its way. */
export function SkeletonGrid() {
  return (
    <div role="status" aria-label={text.common.loading} className="grid min-h-0 flex-1 grid-cols-[repeat(auto-fill,minmax(156px,1fr))] content-start gap-3.5 overflow-hidden px-4 pt-1">
      {Array.from({ length: 18 }, (_, index) => (
        <div key={index} className="overflow-hidden rounded-lg border border-line bg-panel">
          <div className="aspect-[4/5] animate-breathe bg-raised" />
          <div className="flex h-13 flex-col gap-2 p-2.5">
            <div className="h-2.5 w-4/5 rounded bg-raised" />
            <div className="h-2 w-1/2 rounded bg-raised" />
          </div>
        </div>
      ))}
    </div>
  );
}
