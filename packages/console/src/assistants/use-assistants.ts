import { queryOptions, useQuery } from "@tanstack/react-query";
import { server, valueOf } from "../ui/server.ts";

/** So many assistants are offered in lists to choose from. */
const offeredMax = 200;

export const assistantsQuery = queryOptions({
  queryKey: ["assistants"],
  queryFn: () => valueOf(server.assistants.list({ size: offeredMax })),
  staleTime: 10_000,
});

export type AssistantName = { id: string; name: string };

/** The team's assistants by name, for choosing one. */
export function useAssistantNames(): AssistantName[] {
  const { data } = useQuery(assistantsQuery);
  return (data?.data ?? []).map(({ _id, name }) => ({
    id: _id,
    name: typeof name === "string" ? name : _id,
  }));
}
