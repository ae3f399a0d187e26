import { queryOptions } from "@tanstack/react-query";
import { server, valueOf } from "../ui/server.ts";

/** So many tools are offered in lists to choose from. */
const offeredMax = 200;

export const toolsQuery = queryOptions({
  queryKey: ["tools"],
  queryFn: () => valueOf(server.tools.list({ size: offeredMax })),
  staleTime: 10_000,
});
