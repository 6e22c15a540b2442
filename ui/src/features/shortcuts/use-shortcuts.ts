/** The shortcuts that work anywhere. Nothing happens while a field is written in, or a dialog or menu is open. */
import { useEffect, useEffectEvent } from "react";

import { goInto, goTo } from "../../components/use-place";
import { goKey, isPressed, isWriting, matches, placeKeys } from "../../shortcuts";
import type { Place } from "../rail/places";

// As long as one remembers having pressed the first of two keys.
const patience = 1_500;

export function useShortcuts(open: (what: "palette" | "shortcuts") => void): void {
  const opened = useEffectEvent(open);
  useEffect(() => {
    let going = 0;
    const listen = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing || event.repeat || isElsewhere(event.target)) return;
      const wasGoing = event.timeStamp - going < patience && going > 0;
      going = 0;
      if (matches("palette", event)) {
        event.preventDefault();
        opened("palette");
      } else if (isWriting(event.target)) {
        // A field's own.
      } else if (wasGoing && placeOf(event) !== null) {
        event.preventDefault();
        goInto(placeOf(event) ?? "library");
      } else if (isPressed(goKey, event)) {
        going = event.timeStamp;
      } else if (matches("shortcuts", event)) {
        event.preventDefault();
        opened("shortcuts");
      } else if (matches("search", event)) {
        event.preventDefault();
        search();
      }
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, []);
}

function placeOf(event: KeyboardEvent): Place | null {
  const found = Object.entries(placeKeys).find(([, letter]) => isPressed(letter, event));
  return found === undefined ? null : (found[0] as Place);
}

/** A dialog or a menu has keys of its own. */
function isElsewhere(target: EventTarget | null): boolean {
  return document.querySelector("dialog[open]") !== null || (target instanceof Element && target.closest('[role="menu"]') !== null);
}

/** The search of this place; where there is none, the Library's. */
function search(): void {
  if (focusSearch()) return;
  window.addEventListener("hashchange", () => requestAnimationFrame(focusSearch), { once: true });
  goTo("library");
}

function focusSearch(): boolean {
  const field = document.querySelector<HTMLInputElement>('#main input[type="search"]');
  field?.focus();
  field?.select();
  return field !== null;
}
