/** A part of the page that is fetched when it is first shown, or before: once it is there it is drawn at once. */
import { lazy, Suspense, useState } from "react";
import type { ComponentType, ReactNode } from "react";

export interface Later<P> {
  (props: P): ReactNode;
  preload: () => Promise<void>;
}

/** `Waiting` takes its place meanwhile, with the same outlines, so that nothing jumps. */
export function lazily<P extends object>(load: () => Promise<ComponentType<P>>, Waiting: ComponentType<P>): Later<P> {
  let there: ComponentType<P> | null = null;
  const fetched = async () => {
    there = await load();
    return there;
  };
  // `lazy` asks its loader for a `default`, and types props in a way that has no room for a parameter.
  const Fetched = lazy(async () => ({ default: await fetched() })) as unknown as ComponentType<P>;

  function Shown(props: P) {
    // Chosen once: another kind of component would begin anew. What is there already is not waited for, not even a frame.
    const [Now] = useState<ComponentType<P>>(() => there ?? Fetched);
    return (
      <Suspense fallback={<Waiting {...props} />}>
        <Now {...props} />
      </Suspense>
    );
  }
  // A failure is met again where the part is shown, and said there.
  Shown.preload = () => fetched().then(() => undefined, () => undefined);
  return Shown;
}
