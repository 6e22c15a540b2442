/**
 * Whether this page may only look. What would change something is then not there, and what shows a choice shows it
 * without letting it be made: the engine refuses anyway, and a button that can only be refused is a trap. Why is said
 * once, in the line at the bottom.
 */
import type { ReactNode } from "react";

import { Button } from "../components/button";
import type { ButtonProps } from "../components/button";
import { useCommand } from "./client";

export function useReadOnly(): boolean {
  return useCommand("app_info", {}).data?.read_only === true;
}

/** Around what changes something and shows nothing else. */
export function Changing({ children }: { children: ReactNode }) {
  return useReadOnly() ? null : children;
}

/** A button that changes something. */
export function ChangeButton(props: ButtonProps) {
  return useReadOnly() ? null : <Button {...props} />;
}

/** Around controls that also show how something stands: they still do. */
export function Choosable({ children }: { children: ReactNode }) {
  return (
    <fieldset disabled={useReadOnly()} className="contents">
      {children}
    </fieldset>
  );
}
