import { type CallId, connectBody, type JsonObject } from "@offhook/protocol";
import { describe, expect, test } from "vitest";
import { type House, openHouse } from "./testing/house.ts";
import { type NetworkBehaviour, recordingEgress, type Script } from "./testing/receiver.ts";
import { placeCall, type Told, toldBy } from "./testing/talk.ts";
import { virtualClock } from "./testing/virtual-clock.ts";

const second = 1_000;
const minute = 60 * second;

function houseTo(script: Script<NetworkBehaviour>) {
  const clock = virtualClock();
  const egress = recordingEgress(clock, script);
  return { clock, egress, house: openHouse({ clock, egress }) };
}

function sequences(told: readonly Told[]): (number | undefined)[] {
  return told.map(({ sequence }) => sequence);
}

async function storedAssistant({ assistants, teamId }: House, server: JsonObject): Promise<string> {
  const added = await assistants.assistants.add(teamId, {
    name: "Clinic",
    assistantProvider: "rehearsal",
    assistantServer: server,
  });
  if ("refused" in added) throw new Error(added.detail);
  return added.item._id;
}

describe("settings that are changed while an event is retried", () => {
  test("serve its next attempt: the new address and secret, the same id and bytes, and the order stays", async () => {
    const { clock, egress, house } = houseTo(({ path }) => ({
      act: "answer",
      status: path === "/old" ? 500 : 200,
    }));
    const { teamId, calls, assistants } = house;
    const id = await storedAssistant(house, { url: "http://127.0.0.1:9/old", secret: "old secret" });
    const connected = await calls.connect({ teamId, body: connectBody.parse({ assistantId: id }) });
    if ("refused" in connected) throw new Error(connected.detail);
    await clock.advance(10 * second);
    const before = egress.requests.length;
    expect(before).toBeGreaterThan(1);
    const server = { url: "http://127.0.0.1:9/new", secret: "new secret" };
    await assistants.assistants.patch({ teamId, id }, { assistantServer: server });
    await clock.advance(5 * minute);
    const [first] = egress.requests;
    const [mended] = egress.requests.slice(before);
    expect(mended?.path).toBe("/new");
    expect([mended?.headers["webhook-id"], mended?.body]).toEqual([
      first?.headers["webhook-id"],
      first?.body,
    ]);
    expect(mended?.headers["webhook-signature"]).not.toBe(first?.headers["webhook-signature"]);
    expect(sequences(toldBy(egress).slice(before, before + 2))).toEqual([1, 2]);
    await house.die();
  });

  test("and take the Server URL away leave the one that the call began with", async () => {
    const { clock, egress, house } = houseTo([{ act: "answer", status: 500 }, { act: "answer" }]);
    const { teamId, calls, assistants } = house;
    const id = await storedAssistant(house, { url: "http://127.0.0.1:9/old" });
    await calls.connect({ teamId, body: connectBody.parse({ assistantId: id }) });
    await clock.advance(100);
    await assistants.assistants.remove(teamId, id);
    await clock.advance(minute);
    expect(new Set(egress.requests.map(({ path }) => path))).toEqual(new Set(["/old"]));
    expect(sequences(toldBy(egress)).slice(0, 3)).toEqual([1, 1, 2]);
    await house.die();
  });
});

describe("a call that ends while its receiver is silent", () => {
  const silentFor = (ms: number, clock: { now(): number }): Script<NetworkBehaviour> => {
    const until = clock.now() + ms;
    return () => (clock.now() < until ? { act: "never" } : { act: "answer" });
  };

  async function endedInSilence(ms: number) {
    const clock = virtualClock();
    const egress = recordingEgress(clock, silentFor(ms, clock));
    const house = openHouse({ clock, egress });
    const talk = await placeCall(house, { assistantProvider: "rehearsal", welcomeMessage: "Good morning." });
    await talk.says("A slot on Tuesday");
    await talk.leaves();
    return { clock, egress, house, callId: talk.callId };
  }

  function reportsIn(told: readonly Told[]): number {
    return new Set(
      told.filter(({ type }) => type === "end-of-call-report").map(({ message }) => message["id"]),
    ).size;
  }

  test("is told of in whole and in order when it answers again, with one report", async () => {
    const { clock, egress, house } = await endedInSilence(30 * minute);
    await clock.advance(3 * 60 * minute);
    const firsts = [...new Map(toldBy(egress).map((told) => [told.sequence, told])).values()];
    expect(sequences(firsts)).toEqual(firsts.map((_, index) => index + 1));
    expect(firsts.at(-1)?.type).toBe("end-of-call-report");
    expect(reportsIn(toldBy(egress))).toBe(1);
    await house.die();
  });

  test("and a stop in the silence ends within the attempt under way; the next start goes on", async () => {
    const { clock, house, callId } = await endedInSilence(30 * minute);
    const ended = { at: 0 };
    const begunAt = clock.now();
    void house.die().then(() => (ended.at = clock.now()));
    await clock.advance(21 * second);
    expect(ended.at).toBeGreaterThanOrEqual(begunAt);
    const egress = recordingEgress(clock);
    const next = openHouse({ clock, egress, store: house.store });
    await clock.advance(24 * 60 * minute);
    expect(reportsIn(toldBy(egress))).toBe(1);
    expect(await lastOf(next, callId)).toMatchObject({ dueAt: null });
    await next.die();
  });

  async function lastOf({ store }: House, callId: CallId): Promise<unknown> {
    return store.findLane(callId);
  }
});

describe("an event that is sent again while the head is on its way", () => {
  test("waits for it, goes next, and what is new follows in order", async () => {
    const { clock, egress, house } = houseTo((_request, number) => ({
      act: "answer",
      delayMs: number === 3 ? 4_000 : 10,
    }));
    const talk = await placeCall(house, { assistantProvider: "rehearsal", welcomeMessage: "Good morning." });
    await clock.advance(second);
    await talk.says("A slot on Tuesday");
    // The fourth request is under way for 4 s.
    await house.store.sendAgain({ callId: talk.callId, sequences: [1, 2], now: clock.now() });
    house.delivery.wake();
    await talk.leaves();
    await clock.advance(minute);
    const told = sequences(toldBy(egress));
    expect(told.slice(0, 6)).toEqual([1, 2, 3, 4, 1, 2]);
    expect(told.slice(6)).toEqual(told.slice(6).map((_, index) => 5 + index));
    expect(told.length).toBeGreaterThan(7);
    await house.die();
  });
});
