import { join } from "node:path";
import type { Comparison, Progress } from "@offhook/server/copy";
import { type Command, Option } from "commander";
import { type Came, ending } from "../ending.ts";
import { exitCodes } from "../exit-codes.ts";
import { misuse } from "../failure.ts";
import { takesJson, withExamples } from "../options.ts";
import { untilStopped } from "../signals.ts";
import { bar, type Terminal } from "../terminal.ts";
import type { Wiring } from "../wiring.ts";

type CopyOptions = { data: string; to?: string; compare?: boolean; json?: boolean };

/** `offhook store copy`. */
export function addCopy(parent: Command, wiring: Wiring): void {
  const copy = parent
    .command("copy")
    .description("copy the embedded store of a data folder into an empty PostgreSQL")
    .addOption(new Option("--data <folder>", "where it is").default("./data").env("OFFHOOK_DATA"))
    .addOption(new Option("--to <address>", "where it goes: postgres://…").env("OFFHOOK_STORE"))
    .option("--compare", "copy nothing: compare the two, row by row");
  withExamples(
    takesJson(copy),
    [
      "offhook store copy --data ./data --to postgres://offhook@db.example.org/offhook",
      "offhook store copy --data ./data --to postgres://offhook@db.example.org/offhook --compare",
    ],
    "Stop the server first. It may be broken off and begun again, and goes on where it was.\nServers on the copy need the key of the folder: OFFHOOK_SECRET_KEY=$(cat ./data/secret.key), unless it was set before.",
  ).action((options: CopyOptions) => ending(wiring, copyStore(wiring, options)));
}

async function copyStore({ terminal, interrupt }: Wiring, options: CopyOptions): Promise<Came> {
  const { data, to, compare = false, json = false } = options;
  if (to === undefined || !/^postgres(?:ql)?:\/\//u.test(to))
    return misuse("Where to? Give a PostgreSQL as --to postgres://…, or set OFFHOOK_STORE.");
  const { runCopy, StoreError } = await import("@offhook/server/copy");
  try {
    const came = await runCopy({
      path: join(data, "offhook.sqlite"),
      url: to,
      what: compare ? "compare" : "copy",
      tell: ({ part, rows, of }: Progress) => terminal.progress(bar(Math.min(rows, of), of, part)),
      signal: untilStopped(interrupt),
    });
    terminal.progress(undefined);
    if (typeof came !== "string") return tellComparison(terminal, came, json);
    terminal.print(json ? JSON.stringify({ came }) : sentences[came]);
    return came === "copied" ? undefined : exitCodes.interrupted;
  } catch (error) {
    terminal.progress(undefined);
    if (error instanceof StoreError) return { failure: error.message };
    throw error;
  }
}

const sentences = {
  copied: "Copied. Compare with --compare, then start servers with OFFHOOK_STORE set to it.",
  interrupted: "Broken off. Run it again: a copy goes on from here.",
} as const;

function tellComparison(terminal: Terminal, found: Comparison, json: boolean): Came {
  const { same, differences, samples } = found;
  if (json) terminal.print(JSON.stringify(found, undefined, 2));
  else {
    terminal.print(`${same} rows are the same, ${differences} are not`);
    for (const sample of samples) terminal.print(`  ${sample}`);
  }
  return differences === 0 ? undefined : exitCodes.failed;
}
