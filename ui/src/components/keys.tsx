/** Keys as they are pressed, for the eye; who listens hears them as words. */
export function Keys({ words }: { words: readonly string[] }) {
  return (
    <span className="inline-flex shrink-0 gap-1">
      {words.map((word) => (
        <kbd key={word} className="min-w-5 rounded-sm border border-line2 px-1.5 text-center font-mono text-xs text-dim">
          {word}
        </kbd>
      ))}
    </span>
  );
}
