import {
  type KeyBody,
  keyView,
  type KeyView,
  newKeyView,
  type NewKeyView,
  type Page,
  pageOf,
} from "@offhook/protocol";
import type { Answer } from "./answer.ts";
import { everyItem } from "./pages.ts";
import { type Connection, nothing, pathOf, request } from "./request.ts";
import type { PageQuery } from "./shelf.ts";

/** The API keys of the team whose key the client has. Each may do all that the others may. */
export type ApiKeys = {
  /** The newest first: ids and names, never the keys. The one of `OFFHOOK_API_KEY` is not among them. */
  list(query?: PageQuery): Promise<Answer<Page<KeyView>>>;
  /** The same over all pages, one key a turn; only the last turn may be a problem. */
  each(query?: PageQuery): AsyncIterable<Answer<KeyView>>;
  /**
   * Makes one, which is answered this once. Refused with `invalid`.
   *
   * @example
   * const made = await client.keys.create({ name: "laptop" });
   * if (made.ok) keep(made.value.key);
   */
  create(body: KeyBody): Promise<Answer<NewKeyView>>;
  /**
   * Revokes one by its id (`key-…`). It lets nobody in, and its sessions end, at
   * the latest 5 seconds later. Refused with `not-found`, and with
   * `irrevocable-key` for the last one of a team and for that of `OFFHOOK_API_KEY`.
   */
  revoke(id: string): Promise<Answer<undefined>>;
};

const path = "/keys/v1/keys";

export function openKeys(connection: Connection): ApiKeys {
  const list: ApiKeys["list"] = (query) => request(connection, { path, query }, pageOf(keyView));
  return {
    list,
    each: (query = {}) => everyItem(list, query),
    create: (body) => request(connection, { method: "POST", path, body }, newKeyView),
    revoke: (id) => request(connection, { method: "DELETE", path: pathOf(path, id) }, nothing),
  };
}
