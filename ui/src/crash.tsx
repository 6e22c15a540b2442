import { TriangleAlert } from "lucide-react";
import { Component } from "react";
import type { ReactNode } from "react";

import { Button } from "./components/button";
import { StateMessage } from "./components/state-message";
import { text } from "./text";

/** The last net: says what happened instead of leaving a blank page. */
export class CrashGuard extends Component<{ children: ReactNode }, { crashed: boolean }> {
  override state = { crashed: false };

  static getDerivedStateFromError() {
    return { crashed: true };
  }

  override render() {
    if (!this.state.crashed) return this.props.children;
    const words = text.errors.crashed;
    return (
      <main className="flex h-full">
        <StateMessage alone alert icon={TriangleAlert} title={words.message} hint={words.hint}>
          <Button look="primary" onClick={() => location.reload()}>
            {words.reload}
          </Button>
        </StateMessage>
      </main>
    );
  }
}
