import type { checkDatabase, migrateDatabase } from "@offhook/server/postgres";
import { type Command, Option } from "commander";
import { type Came, ending } from "../ending.ts";
import { misuse } from "../failure.ts";
import { takesJson, withExamples } from "../options.ts";
import type { Terminal } from "../terminal.ts";
import type { Wiring } from "../wiring.ts";

type DatabaseOptions = { store?: string; json?: boolean };
type Tending = { checkDatabase: typeof checkDatabase; migrateDatabase: typeof migrateDatabase };
type Act = (tending: Tending, url: string) => Promise<Came>;

const example = "postgres://offhook@db.example.org/offhook";

/** `offhook store migrate`. */
export function addMigrate(parent: Command, wiring: Wiring): void {
  const command = parent
    .command("migrate")
    .description("bring the tables of a PostgreSQL up to date, as a server does at its start");
  withExamples(takesJson(takesStore(command)), [`offhook store migrate --store ${example}`]).action(
    (options: DatabaseOptions) =>
      tend(wiring, options, async (tending, url) => {
        const { from, to } = await tending.migrateDatabase(url);
        const said = from === to ? "nothing was to be done" : `they were at ${from}`;
        print(wiring.terminal, options, {
          found: { from, to },
          said: `The tables are at version ${to}: ${said}.`,
        });
        return undefined;
      }),
  );
}

/** `offhook store check`. */
export function addCheck(parent: Command, wiring: Wiring): void {
  const command = parent
    .command("check")
    .description("look whether a PostgreSQL can be reached, and whether its tables are up to date");
  withExamples(takesJson(takesStore(command)), [`offhook store check --store ${example}`]).action(
    (options: DatabaseOptions) =>
      tend(wiring, options, async (tending, url) => {
        const found = await tending.checkDatabase(url);
        const { version, known, answerMs, nodes } = found;
        const said = `It answers in ${answerMs} ms. Tables: version ${version}, this Offhook knows ${known}. Servers that are there: ${nodes}.`;
        print(wiring.terminal, options, { found, said });
        if (version === known) return undefined;
        return version < known
          ? { failure: "Bring the tables up to date: `offhook store migrate`, or start a server." }
          : { failure: "A newer Offhook wrote it: use that one." };
      }),
  );
}

function takesStore(command: Command): Command {
  return command.addOption(new Option("--store <address>", "which: postgres://…").env("OFFHOOK_STORE"));
}

function tend(wiring: Wiring, options: DatabaseOptions, act: Act): Promise<void> {
  return ending(wiring, tended(options.store, act));
}

async function tended(url: string | undefined, act: Act): Promise<Came> {
  if (url === undefined || !/^postgres(?:ql)?:\/\//u.test(url) || URL.parse(url) === null)
    return misuse("Which? Give a PostgreSQL as --store postgres://…, or set OFFHOOK_STORE.");
  const tending = await import("@offhook/server/postgres");
  try {
    return await act(tending, url);
  } catch (error) {
    if (error instanceof tending.StoreError) return { failure: error.message };
    throw error;
  }
}

function print(
  terminal: Terminal,
  { json = false }: DatabaseOptions,
  told: { found: object; said: string },
): void {
  terminal.print(json ? JSON.stringify(told.found) : told.said);
}
