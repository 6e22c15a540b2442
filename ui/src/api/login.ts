/** Whether the app starts with the user's session: the system's own list, asked for when somebody looks. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { usePlatform } from "./client";

const key = ["start-at-login"];

export function useStartAtLogin() {
  const platform = usePlatform();
  const client = useQueryClient();
  const { data, error: unread } = useQuery({ queryKey: key, queryFn: () => platform.startsAtLogin() });
  const { mutate: change, error } = useMutation({
    mutationFn: (on: boolean) => platform.setStartAtLogin(on),
    onMutate: (on) => client.setQueryData(key, on),
    // What the system made of it, not what was asked for.
    onSettled: () => client.invalidateQueries({ queryKey: key }),
  });
  return { on: data, change, error: error ?? unread };
}
