import { type CallId, defaultTeam } from "@offhook/protocol";
import { expect, test } from "vitest";
import { openBus } from "../bus/in-process.ts";
import type { News } from "../bus.ts";
import type { StoredEntry } from "../store.ts";
import { virtualClock } from "../testing/virtual-clock.ts";
import { wakeEveryMs, wakingBus } from "./waking-bus.ts";

const callId = "TC-1" as CallId;
const written = (sequence: number | null): News => {
  const entry = { position: 1, teamId: defaultTeam, callId, seq: 1, at: 0, sequence } as StoredEntry;
  return { kind: "entries", teamId: defaultTeam, callId, entries: [entry] };
};

test("what is written to be sent wakes the others, once for all that is written in a moment", async () => {
  const clock = virtualClock();
  const inner = openBus();
  let woken = 0;
  inner.onWake(() => (woken += 1));
  const bus = wakingBus(inner, clock);
  bus.publish(written(null));
  await clock.advance(wakeEveryMs);
  expect(woken).toBe(0);
  for (let time = 0; time < 5; time += 1) bus.publish(written(1));
  await clock.advance(wakeEveryMs - 1);
  expect(woken).toBe(0);
  await clock.advance(1);
  expect(woken).toBe(1);
  bus.publish(written(2));
  await clock.advance(wakeEveryMs);
  expect(woken).toBe(2);
});
