import type { CallId } from "@offhook/protocol";
import { describe, expect, test } from "vitest";
import { openBus } from "../bus/in-process.ts";
import { silentLog } from "../log.ts";
import type { NodeNote, NodeRole, Store } from "../store.ts";
import { openLocalStore } from "../store/sqlite/sqlite-store.ts";
import { seededRandom } from "../testing/seeded-random.ts";
import { settled, virtualClock } from "../testing/virtual-clock.ts";
import { joinNodes } from "./node.ts";

const other: NodeNote = {
  nodeId: "other",
  url: "http://other",
  roles: ["calls"],
  live: 3,
  takesCalls: true,
};

async function join({
  isShared = true,
  roles = ["api", "calls", "delivery"] as NodeRole[],
  others = [other],
} = {}) {
  const clock = virtualClock();
  const bus = openBus();
  const done: string[] = [];
  const lease = { answers: true };
  const stoodAs: string[] = [];
  const store: Store = {
    ...openLocalStore(),
    isShared,
    keepLease: async (node) => {
      if (!lease.answers) throw new Error("the store is away");
      done.push(`lease ${node.url} ${node.takesCalls ? "takes" : "takes none"}`);
      return { lease: "runs", now: null };
    },
    dropLease: async () => void done.push("lease dropped"),
    releaseCalls: async ({ callIds }) => void done.push(`released ${callIds.join(" ")}`),
    heldCalls: async () => ["TC-known", "TC-stray"] as CallId[],
    nodes: async () => others,
  };
  const calls = {
    live: 2,
    takesCalls: true,
    takeOver: async () => void done.push("take over"),
    knows: (callId: string) => callId === "TC-known",
    letGo: async () => ["TC-1", "TC-2"] as CallId[],
    drop: () => void done.push("drop calls"),
  };
  const delivery = {
    letGo: () => void done.push("drop lanes"),
    goOn: () => void done.push("lanes go on"),
    wake: () => void done.push("look for lanes"),
  };
  const node = await joinNodes({
    store,
    bus,
    clock,
    steady: clock,
    random: seededRandom(),
    log: silentLog,
    roles,
    url: () => "http://here",
    calls,
    delivery,
    setTime: () => undefined,
    standAs: (nodeId) => stoodAs.push(nodeId),
  });
  /** What was done since it was asked last, without the leases. */
  const news = (): string[] => done.splice(0).filter((what) => !what.startsWith("lease http"));
  return { node, clock, bus, calls, lease, done, news, stoodAs };
}

describe("a node among others", () => {
  test("looks for what nobody holds, each second and when it is woken", async () => {
    const { clock, bus, news } = await join();
    await clock.advance(2_000);
    expect(news()).toEqual(["look for lanes", "take over", "look for lanes", "take over"]);
    bus.wake();
    bus.wake();
    bus.wake();
    await settled();
    expect(news()).toEqual(["look for lanes", "take over", "look for lanes", "take over"]);
  });

  test("lets go of what is its own and it does not know, and looks who takes it", async () => {
    const { clock, news } = await join({ roles: ["calls"] });
    await clock.advance(19_500);
    expect(news()).not.toContain("released TC-stray");
    await clock.advance(600);
    const after = news();
    expect(after[after.indexOf("released TC-stray") + 1]).toBe("take over");
  });

  test("takes only what its roles are for", async () => {
    const caller = await join({ roles: ["calls"] });
    await caller.clock.advance(1_000);
    expect(caller.news()).toEqual(["take over"]);
    const courier = await join({ roles: ["delivery"] });
    await courier.clock.advance(1_000);
    expect(courier.news()).toEqual(["look for lanes"]);
    expect(courier.done).toEqual([]);
  });

  test("lets go of everything when it is adrift, takes nothing, and goes on afterwards", async () => {
    const { node, clock, lease, news, stoodAs } = await join();
    const first = node.nodeId;
    lease.answers = false;
    await clock.advance(3_500);
    expect(news().slice(-2)).toEqual(["drop calls", "drop lanes"]);
    await clock.advance(5_000);
    expect(news()).toEqual([]);
    lease.answers = true;
    await clock.advance(1_000);
    expect(news()).toEqual(expect.arrayContaining(["lanes go on", "look for lanes", "take over"]));
    expect(stoodAs).toEqual([first, node.nodeId]);
    expect(node.nodeId).not.toBe(first);
  });

  test("hands over its calls: tells first that it takes none, then frees them and wakes the others", async () => {
    const { node, calls, bus, done, clock } = await join({ roles: ["calls"] });
    await clock.advance(0);
    done.length = 0;
    calls.takesCalls = false;
    bus.onWake(() => done.push("woken"));
    await node.handOver();
    expect(done).toEqual(["lease http://here takes none", "released TC-1 TC-2", "woken"]);
  });

  test("leaves, and looks for nothing more", async () => {
    const { node, clock, news } = await join();
    await node.leave();
    expect(news()).toEqual(["lease dropped"]);
    await clock.advance(10_000);
    expect(news()).toEqual([]);
  });

  test("knows whether another takes calls", async () => {
    expect(await (await join()).node.hasOther("calls")).toBe(true);
    for (const others of [[], [{ ...other, takesCalls: false }], [{ ...other, roles: ["api" as const] }]])
      expect(await (await join({ others })).node.hasOther("calls")).toBe(false);
    const courier = { ...other, roles: ["delivery" as const], takesCalls: false };
    expect(await (await join({ others: [courier] })).node.hasOther("delivery")).toBe(true);
  });

  test("alone looks for nobody, and needs no lease", async () => {
    const { node, clock, lease, done } = await join({ isShared: false });
    lease.answers = false;
    await clock.advance(5_000);
    expect(done).toEqual([]);
    expect(node.holds).toBe(true);
    expect(await node.hasOther("calls")).toBe(false);
  });
});
