import type { Answer } from "@offhook/client";
import type { Page } from "@offhook/protocol";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useCallback } from "react";
import { valueOf } from "./server.ts";

/** How often what is newest is looked at again, and for how many pages that is worth it. */
const lookMs = 2_000;
const livePagesMax = 3;
export const pageSize = 50;

type Given<Item> = {
  name: string;
  filter: unknown;
  /** A page of at most {@link pageSize} items, those before an item when one is named. */
  read: (before: string | undefined) => Promise<Answer<Page<Item>>>;
  idOf: (item: Item) => string;
};

/** A list from its newest item back, page by page as it is scrolled; what is new comes by itself while one looks at the top. */
export function usePages<Item>({ name, filter, read, idOf }: Given<Item>) {
  const query = useInfiniteQuery({
    queryKey: [name, filter],
    queryFn: ({ pageParam }) => valueOf(read(pageParam)),
    initialPageParam: firstPage,
    getNextPageParam: ({ data }) => {
      const last = data.at(-1);
      return last === undefined || data.length < pageSize ? undefined : idOf(last);
    },
    refetchInterval: ({ state }) => ((state.data?.pages.length ?? 0) <= livePagesMax ? lookMs : false),
  });
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const pages = query.data?.pages ?? [];
  const items = pages.flatMap(({ data }) => data);
  return {
    items: unique(items, idOf),
    total: pages[0]?.totalCount,
    isLive: pages.length <= livePagesMax,
    isWaiting: query.isPending,
    isFetchingMore: isFetchingNextPage,
    error: query.error,
    more,
    again: () => void query.refetch(),
  };
}

const firstPage: string | undefined = undefined;

function unique<Item>(items: readonly Item[], idOf: (item: Item) => string): Item[] {
  return [...new Map(items.map((item) => [idOf(item), item])).values()];
}
