import { makeCallId, type TeamId } from "@offhook/protocol";
import { expect, test } from "vitest";
import type { News } from "../bus.ts";
import { silentLog } from "../log.ts";
import { openBus } from "./in-process.ts";
import { busContract } from "./testing/bus-contract.ts";
import { busLimits } from "./watchers.ts";

const teamId = "ours" as TeamId;
const callId = makeCallId("chat", "11111111-1111-4111-8111-111111111111");
const news: News = { kind: "live", teamId, callId, update: { type: "delta", messageId: "m", text: "x" } };

busContract("in-process", async () => {
  const bus = openBus();
  return { bus, other: bus, close: async () => undefined };
});

test("a watcher that answers all news with news is stopped by a limit", () => {
  const faults: string[] = [];
  const bus = openBus({ ...silentLog, error: (message) => faults.push(message) });
  let heard = 0;
  bus.watch({ teamId }, () => {
    heard += 1;
    if (heard <= 2) for (let copy = 0; copy < busLimits.waitingMax; copy += 1) bus.publish(news);
  });
  bus.publish(news);
  expect(heard).toBe(busLimits.waitingMax + 2);
  expect(faults.length).toBeGreaterThan(0);
});

test("so many may watch, and one more is a fault", () => {
  const bus = openBus();
  const stops = Array.from({ length: busLimits.watchersMax }, () =>
    bus.watch({ teamId, callId }, () => undefined),
  );
  expect(() => bus.watch({ teamId }, () => undefined)).toThrow("watch the bus");
  stops[0]?.();
  expect(() => bus.watch({ teamId }, () => undefined)).not.toThrow();
});
