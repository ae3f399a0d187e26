import { StoreError } from "../../store.ts";
import { numberOf, type Row } from "../columns.ts";
import type { Database, Statement } from "./database.ts";
import { functions } from "./functions.ts";
import { forgetting } from "./forgetting.ts";
import { tables } from "./tables.ts";

/**
 * One step per version; never change a step that was released. A step only
 * adds, so that servers of the version before go on meanwhile.
 */
const steps: readonly string[] = [`${tables}${functions}${forgetting}`];

/** The newest version of the tables that this server knows. */
export const knownVersion = steps.length;

/** Of the advisory lock that lets one server at a time bring the tables up to date. */
const lockKey = 0x0ff_400c;

type Run = (statement: Statement) => Promise<Row[]>;

/** Brings a database to the present version; refuses one of a newer server. Says what it did. */
export async function migrate(db: Database): Promise<{ from: number; to: number }> {
  const before = await versionOf(db);
  if (before > steps.length) throw tooNew(before);
  for (let version = before; version < steps.length;) version = await step(db, version);
  return { from: before, to: steps.length };
}

/** The version of the tables; 0 when there are none. */
export async function versionOf(db: Database): Promise<number> {
  const there = await db.one("SELECT to_regclass('offhook.migrations') IS NOT NULL AS is_there");
  if (there?.["is_there"] !== true) return 0;
  const row = await db.one("SELECT coalesce(max(version), 0) AS version FROM offhook.migrations");
  return row === undefined ? 0 : numberOf(row, "version");
}

/** Makes the step after a version, unless another has made it meanwhile; answers the version that is reached. */
function step(db: Database, from: number): Promise<number> {
  return db.session(async (run) => {
    await run({ sql: "BEGIN" });
    const reached = await stepInside(run, from);
    await run({ sql: "COMMIT" });
    return reached;
  });
}

async function stepInside(run: Run, from: number): Promise<number> {
  // One transaction, so that it also holds behind a pool of connections.
  await run({ sql: "SELECT pg_advisory_xact_lock($1)", values: [lockKey] });
  if (from === 0) await makeHome(run);
  const [row] = await run({ sql: "SELECT coalesce(max(version), 0) AS version FROM offhook.migrations" });
  const version = row === undefined ? 0 : numberOf(row, "version");
  if (version > steps.length) throw tooNew(version);
  if (version > from) return version;
  await run({ sql: steps[from] ?? "" });
  await run({ sql: "INSERT INTO offhook.migrations (version) VALUES ($1)", values: [from + 1] });
  return from + 1;
}

/** Whoever may not make a schema can be given one: it is only made when it is not there. */
async function makeHome(run: Run): Promise<void> {
  const [encoding] = await run({ sql: "SELECT current_setting('server_encoding') AS encoding" });
  if (encoding?.["encoding"] !== "UTF8")
    throw new StoreError(
      "unavailable",
      `The database of OFFHOOK_STORE has the encoding ${String(encoding?.["encoding"])}: make one with ENCODING 'UTF8'.`,
    );
  const [found] = await run({ sql: "SELECT to_regnamespace('offhook') IS NOT NULL AS is_there" });
  if (found?.["is_there"] !== true) await run({ sql: "CREATE SCHEMA offhook" });
  await run({
    sql: `CREATE TABLE IF NOT EXISTS offhook.migrations
      (version integer PRIMARY KEY, made_at timestamptz NOT NULL DEFAULT clock_timestamp())`,
  });
}

function tooNew(version: number): StoreError {
  return new StoreError(
    "unavailable",
    `The database of OFFHOOK_STORE was written by a newer Offhook (version ${version} of the tables, this one knows ${steps.length}): start that one, or use another database.`,
  );
}
