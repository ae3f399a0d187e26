import type { Call, CallId, Refusal } from "@offhook/protocol";
import { describe, expect, test } from "vitest";
import type { Bus } from "../bus.ts";
import { openBus } from "../bus/in-process.ts";
import { lookingBus } from "../bus/looking-bus.ts";
import type { CallDoors } from "../calls/calls.ts";
import { silentLog } from "../log.ts";
import { connecting } from "../testing/house.ts";
import { settled } from "../testing/virtual-clock.ts";
import { routedCalls } from "./routed-calls.ts";
import { Cluster } from "./testing/cluster.ts";

type Member = ReturnType<Cluster["join"]>;

const body = connecting({ name: "Echo", assistantProvider: "rehearsal" });

function callIn(answer: Call | Refusal): Call & { id: CallId } {
  if ("refused" in answer) throw new Error(answer.detail);
  return answer as Call & { id: CallId };
}

/** Two servers; the call is at the first. */
async function twoWithCall(bus: Bus = openBus()) {
  const cluster = new Cluster();
  const one = cluster.join("one", { bus });
  const two = cluster.join("two", { bus });
  const { id: callId } = callIn(await one.doors.connect({ teamId: one.teamId, body }));
  await cluster.clock.advance(1_000);
  return { cluster, one, two, whom: { teamId: one.teamId, callId } };
}

const end = { control: { type: "end" } } as const;

async function statusOf({ store }: Member, whom: { teamId: Call["teamId"]; callId: CallId }) {
  return (await store.findCall(whom as Parameters<typeof store.findCall>[0]))?.status;
}

/** What each door says of a call. */
async function askAll(doors: CallDoors, whom: Parameters<CallDoors["leave"]>[0]) {
  const refusals = [
    await doors.hear({ ...whom, text: "Hello" }),
    await doors.control({ ...whom, ...end }),
    await doors.leave(whom),
  ];
  return refusals.map((refusal) => (refusal && "refused" in refusal ? refusal.refused : "done"));
}

describe("a call that another server holds", () => {
  test("hears, is steered, looked at and left from any server", async () => {
    const { cluster, one, two, whom } = await twoWithCall();
    expect(await two.doors.look(whom)).toEqual(await one.calls.look(whom));
    expect(await two.doors.look(whom)).toMatchObject({ type: "state", assistant: "listening" });
    const heard = await two.doors.hear({ ...whom, text: "Hello" });
    expect(heard).not.toHaveProperty("refused");
    expect(await two.doors.control({ ...whom, control: { type: "mute" } })).toBe(undefined);
    expect(await two.doors.leave(whom)).toBe(undefined);
    await cluster.clock.advance(1_000);
    expect(await statusOf(one, whom)).toBe("finished");
  });

  test("refuses as it would there", async () => {
    const { two, whom } = await twoWithCall();
    const asked = { ...whom, control: { type: "dtmf", digits: "1" } } as const;
    expect(await two.doors.control(asked)).toMatchObject({ refused: "not-on-this-channel" });
  });

  test("gives its reply to who waits for it elsewhere", async () => {
    const { cluster, two, whom } = await twoWithCall();
    const heard = await two.doors.hear({ ...whom, text: "Hello" });
    if ("refused" in heard) throw new Error(heard.detail);
    const { reply } = heard;
    await cluster.clock.advance(5_000);
    expect(await reply).toMatchObject({ outcome: "answered", messages: [{ role: "assistant" }] });
    expect(heard.reply).toBe(reply);
  });

  test("gives its reply though the news of it are lost", async () => {
    const cluster = new Cluster();
    const [one, two] = [cluster.join("one"), cluster.join("two")];
    const { id: callId } = callIn(await one.doors.connect({ teamId: one.teamId, body }));
    await cluster.clock.advance(1_000);
    const heard = await two.doors.hear({ teamId: one.teamId, callId, text: "Hello" });
    if ("refused" in heard) throw new Error(heard.detail);
    let outcome = "";
    void heard.reply.then((reply) => (outcome = reply.outcome));
    await cluster.clock.until(() => outcome !== "", 5_000);
    expect(outcome).toBe("answered");
  });
});

describe("a call that nobody answers for", () => {
  test.each<[string, (cluster: Cluster, callId: CallId) => void]>([
    ["is held by nobody", (cluster) => cluster.lose("one")],
    ["has a holder that is not reached", (cluster) => cluster.ways.away.add("one")],
    ["has a holder that does not know of it yet", (cluster, callId) => cluster.holders.set(callId, "three")],
    ["is ours, though we do not have it yet", (cluster, callId) => cluster.holders.set(callId, "two")],
  ])("%s: it is being taken over", async (_name, befall) => {
    const { cluster, two, whom } = await twoWithCall();
    cluster.join("three");
    befall(cluster, whom.callId);
    expect(await askAll(two.doors, whom)).toEqual(["taking-over", "taking-over", "taking-over"]);
    expect(await two.doors.look(whom)).toBe(undefined);
  });

  test("has a holder that does not answer: what may have been done is not to be asked again blindly", async () => {
    const { cluster, two, whom } = await twoWithCall();
    cluster.ways.mute.add("one");
    expect(await askAll(two.doors, whom)).toEqual(["outcome-unknown", "outcome-unknown", "taking-over"]);
  });

  test("is finished, or there is none", async () => {
    const { cluster, one, two, whom } = await twoWithCall();
    await one.doors.leave(whom);
    await cluster.clock.advance(30_000);
    expect(await askAll(two.doors, whom)).toEqual(["call-finished", "call-finished", "call-finished"]);
    const callId = whom.callId.replace(/.$/u, (last) => (last === "0" ? "1" : "0")) as CallId;
    expect(await askAll(two.doors, { ...whom, callId })).toEqual(["not-found", "not-found", "not-found"]);
  });

  test("is no call of another team", async () => {
    const { two, whom } = await twoWithCall();
    const stranger = { ...whom, teamId: "other" as typeof whom.teamId };
    expect(await askAll(two.doors, stranger)).toEqual(["not-found", "not-found", "not-found"]);
  });
});

describe("a new call", () => {
  test("stays here where calls are taken", async () => {
    const { cluster, whom } = await twoWithCall();
    expect(cluster.holders.get(whom.callId)).toBe("one");
  });

  test("goes to the server with the fewest, where this one takes none", async () => {
    const cluster = new Cluster();
    const door = cluster.join("door", { roles: ["api"] });
    for (const [nodeId, live] of [
      ["busy", 5],
      ["idle", 1],
    ] as const) {
      cluster.join(nodeId);
      const note = cluster.notes.get(nodeId);
      if (note !== undefined) cluster.notes.set(nodeId, { ...note, live });
    }
    const call = callIn(await door.doors.connect({ teamId: door.teamId, body }));
    expect(cluster.holders.get(call.id)).toBe("idle");
    cluster.ways.away.add("idle");
    expect(cluster.holders.get(callIn(await door.doors.connect({ teamId: door.teamId, body })).id)).toBe(
      "busy",
    );
  });

  test("goes elsewhere once this server drains", async () => {
    const { cluster, one } = await twoWithCall();
    await one.calls.drain(0);
    expect(cluster.holders.get(callIn(await one.doors.connect({ teamId: one.teamId, body })).id)).toBe("two");
  });

  test("goes to the next where the first has begun to drain", async () => {
    const cluster = new Cluster();
    const door = cluster.join("door", { roles: ["api"] });
    const [one] = [cluster.join("one"), cluster.join("two")];
    await one.calls.drain(0);
    expect(cluster.holders.get(callIn(await door.doors.connect({ teamId: door.teamId, body })).id)).toBe(
      "two",
    );
  });

  test("is one, under its key, wherever it is asked for and however often", async () => {
    const cluster = new Cluster();
    const door = cluster.join("door", { roles: ["api"] });
    const [one] = [cluster.join("one"), cluster.join("two")];
    const given = { teamId: door.teamId, body, idempotencyKey: "order 7" };
    cluster.ways.mute.add("one");
    const call = callIn(await door.doors.connect(given));
    expect(callIn(await one.doors.connect(given)).id).toBe(call.id);
    const { totalCount } = await door.store.listCalls({ teamId: door.teamId, offset: 0, limit: 10 });
    expect(totalCount).toBe(1);
  });

  test("is one also without a key, though the first server that made it could not answer", async () => {
    const cluster = new Cluster();
    const door = cluster.join("door", { roles: ["api"] });
    cluster.join("one");
    cluster.join("two");
    cluster.ways.mute.add("one");
    callIn(await door.doors.connect({ teamId: door.teamId, body }));
    const { totalCount } = await door.store.listCalls({ teamId: door.teamId, offset: 0, limit: 10 });
    expect(totalCount).toBe(1);
  });

  test.each([
    ["a key", "order 7", "over-capacity"],
    ["no key", undefined, "outcome-unknown"],
  ])(
    "that had %s, and no answer, may be asked for again only under its key",
    async (_name, idempotencyKey, refused) => {
      const cluster = new Cluster();
      const door = cluster.join("door", { roles: ["api"] });
      cluster.join("one");
      cluster.ways.mute.add("one");
      expect(await door.doors.connect({ teamId: door.teamId, body, idempotencyKey })).toMatchObject({
        refused,
      });
    },
  );

  test("is refused where nobody takes it, and as the server refuses that was asked", async () => {
    const cluster = new Cluster();
    const door = cluster.join("door", { roles: ["api"] });
    expect(await door.doors.connect({ teamId: door.teamId, body })).toMatchObject({
      refused: "over-capacity",
    });
    cluster.join("one");
    const phone = { ...body, callType: "phone" as const };
    expect(await door.doors.connect({ teamId: door.teamId, body: phone })).toMatchObject({
      refused: "not-available-yet",
    });
  });
});

test("a watcher sees what the bus lost, within a second or so", async () => {
  const cluster = new Cluster();
  const one = cluster.join("one");
  const deaf = openBus();
  const two = cluster.join("two", {
    bus: lookingBus({ bus: deaf, store: one.store, clock: cluster.clock, log: silentLog }),
  });
  const { id: callId } = callIn(await one.doors.connect({ teamId: one.teamId, body }));
  const heard: string[] = [];
  two.bus.watch({ teamId: one.teamId, callId }, ({ kind }) => heard.push(kind));
  await cluster.clock.advance(1_100);
  await settled();
  expect(heard).toContain("gap");
});

test("where the store is not shared, nothing stands between", () => {
  const cluster = new Cluster();
  const { calls, store, ...rest } = cluster.join("one");
  const parts = { ...rest, store: { ...store, isShared: false }, peers: cluster.ways.open() };
  expect(routedCalls(calls, { ...parts, roles: ["calls"], nodeId: () => "one" })).toBe(calls);
});
