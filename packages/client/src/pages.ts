import type { Page } from "@offhook/protocol";
import type { Answer } from "./answer.ts";

/** The most items that the server puts on a page. */
const sizeMax = 200;

/**
 * Every item of a list, page after page. Each turn of the loop is an item; only
 * the last may be a problem. What is added or removed meanwhile shifts the
 * pages: an item may come twice or be left out. To follow what happens, use
 * events.
 */
export async function* everyItem<
  Item,
  Query extends { page?: number | undefined; size?: number | undefined },
>(
  list: (query: Query) => Promise<Answer<Page<Item>>>,
  query: Query,
): AsyncGenerator<Answer<Item>, void, undefined> {
  const size = query.size ?? sizeMax;
  for (let page = query.page ?? 1; ; page++) {
    const answer = await list({ ...query, page, size });
    if (!answer.ok) return yield answer;
    for (const value of answer.value.data) yield { ok: true, value };
    if (answer.value.data.length < size) return;
  }
}
