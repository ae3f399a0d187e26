import { DatabaseSync } from "node:sqlite";

/** Bytes that a store uses, when nobody has it open: its pages but the free ones. */
export function bytesUsed(path: string): number {
  const database = new DatabaseSync(path, { readOnly: true });
  const pragma = (name: string): number =>
    Number(Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0] ?? Number.NaN);
  const bytes = (pragma("page_count") - pragma("freelist_count")) * pragma("page_size");
  database.close();
  return bytes;
}
