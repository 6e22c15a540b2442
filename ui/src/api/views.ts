/** Searches that are kept. An answer is the whole list: it is shown at once. */
import { useQueryClient } from "@tanstack/react-query";

import type { View } from "../bindings/View";
import { useCommand, useMutationCommand } from "./client";
import { commandKey } from "./keys";

const viewsKey = commandKey("views_list", {});

export function useViews() {
  return useCommand("views_list", {});
}

export function useViewActions() {
  const client = useQueryClient();
  const put = useMutationCommand("view_put");
  const remove = useMutationCommand("view_remove");
  const show = (views: View[]) => client.setQueryData<View[]>(viewsKey, views);
  return {
    put: async (view: View): Promise<void> => void show(await put.mutateAsync(view)),
    remove: async (name: string): Promise<void> => void show(await remove.mutateAsync({ name })),
    isPending: put.isPending,
    error: put.error,
    reset: put.reset,
  };
}
