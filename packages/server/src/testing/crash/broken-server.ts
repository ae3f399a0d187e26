import { writeSync } from "node:fs";
import { openApp, type Openers } from "../../app.ts";
import { readEnv, type StoreConfig, toConfig } from "../../config.ts";
import type { Store } from "../../store.ts";
import { openEarlyStore } from "./early-store.ts";
import { openHastyEgress } from "./hasty-egress.ts";
import { openWriteBehindStore } from "./write-behind-store.ts";

/**
 * The server with one part that breaks the promise, chosen by its first
 * argument; the harness must find out. Started and killed like `main.ts`.
 */
const faults: Record<string, Partial<Openers>> = {
  "acknowledges-before-commit": { store: openUncommitted },
  "advances-before-answer": { egress: openHastyEgress },
};

function openUncommitted(where: StoreConfig): Promise<Store> {
  return where.kind === "sqlite" ? openWriteBehindStore(where.path) : openEarlyStore(where.url);
}

const [, , fault = ""] = process.argv;
const openers = faults[fault];
if (openers === undefined)
  throw new Error(`${fault} is no fault: there are ${Object.keys(faults).join(", ")}`);
const stop = new Promise<void>((resolve) => process.on("SIGINT", () => resolve()));
const app = await openApp(toConfig(readEnv()), openers);
writeSync(1, `Offhook listens on ${app.url}\n`);
await stop;
await app.close();
