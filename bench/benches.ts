import type { Bench } from "./harness/bench.ts";

/** Every bench, by the name under which it is called; read when it is. */
export const benches: Record<string, () => Promise<{ bench: Bench }>> = {
  P1: () => import("./p1-events-per-second.ts"),
  P2: () => import("./p2-peers.ts"),
  P3: () => import("./p3-latency.ts"),
  P4: () => import("./p4-added-latency.ts"),
  P5: () => import("./p5-processor-per-turn.ts"),
  P6: () => import("./p6-calls-held.ts"),
  P7: () => import("./p7-memory-per-call.ts"),
  P8: () => import("./p8-stored-bytes.ts"),
  P9: () => import("./p9-receiver.ts"),
  P10: () => import("./p10-start.ts"),
  P11: () => import("./p11-dead-receiver.ts"),
  nodes: () => import("./nodes.ts"),
  growth: () => import("./growth.ts"),
  page: () => import("./page.ts"),
  store: () => import("./store.ts"),
};

export const names = Object.keys(benches);
