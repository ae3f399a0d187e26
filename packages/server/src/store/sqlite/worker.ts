import { parentPort } from "node:worker_threads";
import { type Engine, openEngine } from "./engine.ts";
import { packOutcomes, type Parcel, unpackJobs } from "./parcel.ts";

/**
 * What the store's thread is told, and answers. It is told to open first; one
 * order is answered before the next is sent.
 */
export type Order =
  | { kind: "open"; path: string }
  | { kind: "jobs"; jobs: Parcel }
  | { kind: "checkpoint" }
  | { kind: "close" };
export type Report =
  | { kind: "ready" }
  | { kind: "failed"; message: string; errcode: number | null }
  | { kind: "outcomes"; outcomes: Parcel }
  | { kind: "done" };

const port = parentPort;
if (port === null) throw new Error("the store's thread is started by the store");

const report = (message: Report): void => port.postMessage(message);

port.once("message", (order: Order) => {
  if (order.kind !== "open")
    throw new Error(`the store's thread was told ${order.kind} before it was opened`);
  const engine = open(order.path);
  if (engine === undefined) return port.close();
  port.on("message", (next: Order) => follow(engine, next));
  report({ kind: "ready" });
});

function open(path: string): Engine | undefined {
  try {
    return openEngine(path);
  } catch (error) {
    const errcode = error instanceof Error && "errcode" in error ? Number(error.errcode) : null;
    report({ kind: "failed", message: error instanceof Error ? error.message : String(error), errcode });
    return undefined;
  }
}

function follow(engine: Engine, order: Order): void {
  switch (order.kind) {
    case "open":
      throw new Error("the store's thread is opened once");
    case "jobs":
      return report({ kind: "outcomes", outcomes: done(engine, order.jobs) });
    case "checkpoint":
      checkpoint(engine);
      return report({ kind: "done" });
    case "close":
      engine.close();
      report({ kind: "done" });
      return port?.close();
  }
}

/** One that fails, on a full disk, takes nothing away: the log keeps what is in it, and the next one tries again. */
function checkpoint(engine: Engine): void {
  try {
    engine.checkpoint();
  } catch (error) {
    if (!(error instanceof Error && "errcode" in error)) throw error;
  }
}

function done(engine: Engine, parcel: Parcel): Parcel {
  const jobs = unpackJobs(parcel);
  return packOutcomes(jobs, engine.do(jobs));
}
