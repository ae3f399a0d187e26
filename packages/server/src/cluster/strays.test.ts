import type { CallId } from "@offhook/protocol";
import { expect, test } from "vitest";
import { silentLog } from "../log.ts";
import { Strays } from "./strays.ts";

function watched({ held, known }: { held: string[]; known: string[] }) {
  const released: string[] = [];
  const strays = new Strays({
    store: {
      heldCalls: async () => [...held] as CallId[],
      releaseCalls: async ({ callIds }) => void released.push(...callIds),
    },
    log: silentLog,
    knows: (callId) => known.includes(callId),
  });
  return { strays, released };
}

test("a call that the store gives this node and nobody here knows is let go at the second look", async () => {
  const { strays, released } = watched({ held: ["TC-1", "TC-2", "TC-3"], known: ["TC-2"] });
  expect(await strays.look()).toBe(false);
  expect(released).toEqual([]);
  expect(await strays.look()).toBe(true);
  expect(released).toEqual(["TC-1", "TC-3"]);
});

test("a call that was on its way here at the first look is kept", async () => {
  const known: string[] = [];
  const { strays, released } = watched({ held: ["TC-1"], known });
  await strays.look();
  known.push("TC-1");
  expect(await strays.look()).toBe(false);
  known.length = 0;
  expect(await strays.look(), "from here on it counts anew").toBe(false);
  expect(released).toEqual([]);
});
