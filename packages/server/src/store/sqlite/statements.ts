import type { DatabaseSync, SQLInputValue, SQLOutputValue } from "node:sqlite";

export type Row = Record<string, SQLOutputValue>;

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

/** Reads columns by what they must be; another type is a fault of the file and throws. */
export function textOf(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== "string") throw new TypeError(`${column} is not text`);
  return value;
}

export function textOrNull(row: Row, column: string): string | null {
  return row[column] === null ? null : textOf(row, column);
}

export function numberOf(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== "number") throw new TypeError(`${column} is not a number`);
  return value;
}

export function numberOrNull(row: Row, column: string): number | null {
  return row[column] === null ? null : numberOf(row, column);
}
