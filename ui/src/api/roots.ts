/** What the user chooses for a folder. The answer is shown at once. */
import { useQueryClient } from "@tanstack/react-query";

import type { RootInfo } from "../bindings/RootInfo";
import type { RootSet } from "../bindings/RootSet";
import { useMutationCommand } from "./client";
import { rootsKey } from "./keys";

export function useRootChoice() {
  const client = useQueryClient();
  const { mutate, error, isPending, variables, reset } = useMutationCommand("roots_set");
  const choose = (request: RootSet, onSaved?: (root: RootInfo) => void) =>
    mutate(request, {
      onSuccess: (answer) => {
        client.setQueryData<RootInfo[]>(rootsKey, (roots) => roots?.map((each) => (each.id === answer.id ? answer : each)));
        onSaved?.(answer);
      },
    });
  return { choose, error, isPending, /** What is being saved. */ asked: isPending ? variables : null, reset };
}
