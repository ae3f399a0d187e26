import { parentPort, workerData } from "node:worker_threads";
import { type Job, openEngine, type Outcome } from "./engine.ts";

/**
 * What the store's thread is told, and answers. One order is answered before
 * the next is sent. Jobs and outcomes cross as one JSON text: copying their
 * objects takes three times as long.
 */
export type Order = { kind: "jobs"; jobs: string } | { kind: "checkpoint" } | { kind: "close" };
export type Report =
  | { kind: "ready" }
  | { kind: "failed"; message: string; errcode: number | null }
  | { kind: "outcomes"; outcomes: string }
  | { kind: "done" };

const port = parentPort;
if (port === null) throw new Error("the store's thread is started by the store");

const report = (message: Report): void => port.postMessage(message);

try {
  const { path } = workerData as { path: string };
  const engine = openEngine(path);
  const done = (text: string): string => {
    const jobs = JSON.parse(text) as Job[];
    const outcomes: Outcome[] = engine.do(jobs);
    return JSON.stringify(outcomes);
  };
  port.on("message", (order: Order) => {
    switch (order.kind) {
      case "jobs":
        return report({ kind: "outcomes", outcomes: done(order.jobs) });
      case "checkpoint":
        engine.checkpoint();
        return report({ kind: "done" });
      case "close":
        engine.close();
        report({ kind: "done" });
        return port.close();
    }
  });
  report({ kind: "ready" });
} catch (error) {
  const errcode = error instanceof Error && "errcode" in error ? Number(error.errcode) : null;
  report({ kind: "failed", message: error instanceof Error ? error.message : String(error), errcode });
}
