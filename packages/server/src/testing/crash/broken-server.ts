import { writeSync } from "node:fs";
import { openApp, type Openers } from "../../app.ts";
import { readEnv, toConfig } from "../../config.ts";
import { openEgress } from "../../delivery/egress.ts";
import { openSqliteStore } from "../../store/sqlite/sqlite-store.ts";
import { openHastyEgress } from "./hasty-egress.ts";
import { openWriteBehindStore } from "./write-behind-store.ts";

/**
 * The server with one part that breaks the promise, chosen by its first
 * argument; the harness must find out. Started and killed like `main.ts`.
 */
const faults: Record<string, Openers> = {
  "acknowledges-before-commit": { store: openWriteBehindStore, egress: openEgress },
  "advances-before-answer": { store: openSqliteStore, egress: openHastyEgress },
};

const [, , fault = ""] = process.argv;
const openers = faults[fault];
if (openers === undefined)
  throw new Error(`${fault} is no fault: there are ${Object.keys(faults).join(", ")}`);
const stop = new Promise<void>((resolve) => process.on("SIGINT", () => resolve()));
const app = await openApp(toConfig(readEnv()), openers);
writeSync(1, `Offhook listens on ${app.url}\n`);
await stop;
await app.close();
