/** An error in the engine's words: message, then hint. */
import { CommandError, isWireError } from "../platform";
import { text } from "../text";

export function errorWords(error: unknown): { message: string; hint: string | null } {
  if (error instanceof CommandError) return { message: error.wire.message, hint: error.wire.hint };
  // A job carries its error as the engine wrote it.
  if (isWireError(error)) return { message: error.message, hint: error.hint };
  return text.errors.internal;
}

/** Words between backticks are paths and commands. */
export function WithCode({ children }: { children: string }) {
  return children
    .split("`")
    .map((part, index) => (index % 2 === 1 ? <code key={index} className="font-mono text-[0.92em]">{part}</code> : part));
}

export function ErrorWords({ error }: { error: unknown }) {
  const { message, hint } = errorWords(error);
  return (
    <>
      <strong className="font-medium">
        <WithCode>{message}</WithCode>
      </strong>
      {hint !== null && (
        <span className="block text-dim">
          <WithCode>{hint}</WithCode>
        </span>
      )}
    </>
  );
}
