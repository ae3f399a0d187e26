import { queryOptions } from "@tanstack/react-query";
import { server, valueOf } from "../ui/server.ts";

/** Who is signed in; it is looked at before any page. */
export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: () => valueOf(server.session.get()),
  staleTime: 60_000,
});
