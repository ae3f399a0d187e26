import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import type { Row } from "../columns.ts";

/** A database whose statements are compiled once. */
export type Statements = {
  run(sql: string, ...values: SQLInputValue[]): { changes: number; rowid: number };
  one(sql: string, ...values: SQLInputValue[]): Row | undefined;
  all(sql: string, ...values: SQLInputValue[]): Row[];
};

/** Statements come from a fixed set of texts, so the cache has no limit of its own. */
export function prepareStatements(database: DatabaseSync): Statements {
  const cache = new Map<string, ReturnType<DatabaseSync["prepare"]>>();
  const prepared = (sql: string): ReturnType<DatabaseSync["prepare"]> => {
    const known = cache.get(sql);
    if (known !== undefined) return known;
    const made = database.prepare(sql);
    cache.set(sql, made);
    return made;
  };
  return {
    run(sql, ...values) {
      const { changes, lastInsertRowid } = prepared(sql).run(...values);
      return { changes: Number(changes), rowid: Number(lastInsertRowid) };
    },
    one: (sql, ...values) => prepared(sql).get(...values),
    all: (sql, ...values) => prepared(sql).all(...values),
  };
}
