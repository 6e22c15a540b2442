/** Whether the page has what it asked for first, so that what nobody waits for may be asked as well. */
import { useIsFetching } from "@tanstack/react-query";
import { useEffect, useState } from "react";

/** False until, for the first time, nothing is being fetched. */
export function useQuiet(): boolean {
  const fetching = useIsFetching() > 0;
  const [quiet, setQuiet] = useState(false);
  useEffect(() => {
    if (fetching || quiet) return;
    // What an answer brings onto the screen asks for more: not within the same turn.
    const timer = setTimeout(() => setQuiet(true), 100);
    return () => clearTimeout(timer);
  }, [fetching, quiet]);
  return quiet;
}
