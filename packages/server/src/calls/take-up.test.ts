import { connectBody } from "@offhook/protocol";
import { describe, expect, test } from "vitest";
import type { Bus } from "../bus.ts";
import { openBus } from "../bus/in-process.ts";
import { openLocalStore } from "../store/sqlite/sqlite-store.ts";
import { type Store, StoreError } from "../store.ts";
import { journalOf, openHouse } from "../testing/house.ts";
import { pacedLine } from "../testing/paced-channel.ts";
import { recordingEgress } from "../testing/receiver.ts";
import { called, said, scriptedModel, stuck } from "../testing/scripted-model.ts";
import { placeCall } from "../testing/talk.ts";
import { virtualClock, type VirtualClock } from "../testing/virtual-clock.ts";

const book = { name: "book", description: "", parameters: { type: "object", properties: {} } };

/** A store whose writes can be made to fail, before they are done or after. */
function fickleStore() {
  const kept = openLocalStore();
  const fails: { how: "no" | "before" | "after"; code: StoreError["code"] } = {
    how: "no",
    code: "unavailable",
  };
  const append: Store["append"] = async (commit) => {
    if (fails.how === "before") throw new StoreError(fails.code, "No.");
    const result = await kept.append(commit);
    if (fails.how === "after") throw new StoreError(fails.code, "Who knows.");
    return result;
  };
  return { fails, store: { ...kept, append } };
}

async function wordsOf(store: Store, callId: string): Promise<string[]> {
  return (await journalOf(store, callId)).flatMap(({ what }) => {
    if (what.type === "message-added") return [`${what.message.role}: ${what.message.text}`];
    if (what.type === "status-changed") return [`${what.status} ${what.endedReason ?? ""}`.trim()];
    return what.type === "taken-up" || what.type === "reported" ? [what.type] : [];
  });
}

function houseOn(clock: VirtualClock, store: Store, replies: Parameters<typeof scriptedModel>[0]["replies"]) {
  const egress = recordingEgress(clock);
  const house = openHouse({ clock, store, egress, model: scriptedModel({ clock, replies }) });
  return { ...house, egress };
}

describe("a chat whose store fails", () => {
  test("is taken up again in the same process once it answers", async () => {
    const clock = virtualClock();
    const { fails, store } = fickleStore();
    // The second is asked for in vain: what led to it is never on disk.
    const house = houseOn(clock, store, [said("One."), said("In vain."), said("Two.")]);
    const talk = await placeCall(house, { welcomeMessage: "Hello." });
    await talk.says("A");
    fails.how = "before";
    await expect(talk.begins("B")).rejects.toThrow("No.");
    const { teamId } = house;
    const told = await house.calls.hear({ teamId, callId: talk.callId, text: "C" });
    expect(told).toMatchObject({ refused: "stopping" });
    await clock.advance(20_000);
    expect(house.calls.live).toBe(1);
    fails.how = "no";
    await clock.advance(2_000);
    await talk.says("D");
    await talk.leaves();
    await clock.advance(60_000);
    expect(await wordsOf(store, talk.callId)).toEqual([
      "queued",
      "ongoing",
      "assistant: Hello.",
      "user: A",
      "assistant: One.",
      "taken-up",
      "user: D",
      "assistant: Two.",
      "finished user-hung-up",
      "reported",
    ]);
    expect(house.calls.live).toBe(0);
  });

  test("goes on with what was written though nobody was told so, and is reported once", async () => {
    const clock = virtualClock();
    const { fails, store } = fickleStore();
    const house = houseOn(clock, store, [said("One."), said("One.")]);
    const talk = await placeCall(house);
    fails.how = "after";
    await expect(talk.begins("A")).rejects.toThrow("Who knows.");
    fails.how = "no";
    await clock.advance(2_000);
    fails.how = "after";
    await expect(talk.leaves()).rejects.toThrow("Who knows.");
    await clock.advance(5_000);
    fails.how = "no";
    await clock.advance(60_000);
    const words = await wordsOf(store, talk.callId);
    expect(words).toContain("taken-up");
    expect(words.filter((line) => line !== "taken-up")).toEqual([
      "queued",
      "ongoing",
      "user: A",
      "assistant: One.",
      "finished user-hung-up",
      "reported",
    ]);
    expect(house.calls.live).toBe(0);
  });

  test("is dropped without a word when another server has it, and so is its report", async () => {
    const clock = virtualClock();
    const { fails, store } = fickleStore();
    const house = houseOn(clock, store, [stuck()]);
    const talk = await placeCall(house);
    const ending = await placeCall(house);
    Object.assign(fails, { how: "before", code: "fenced" });
    await expect(talk.begins("A")).rejects.toThrow("No.");
    await ending.leaves().catch(() => undefined);
    await clock.advance(10_000);
    expect(house.calls.live).toBe(0);
    const known = clock.waiting;
    await clock.advance(60_000);
    expect(clock.waiting).toBe(known);
    expect(await wordsOf(store, talk.callId)).toEqual(["queued", "ongoing"]);
  });
});

describe("handing over", () => {
  test("lets go of every chat between two steps; another goes on with it, and sends no tool again", async () => {
    const clock = virtualClock();
    const store = openLocalStore();
    const asks = recordingEgress(clock, () => ({ act: "answer", status: 200, body: "{}", delayMs: 5_000 }));
    const model = scriptedModel({ clock, replies: [called([{ name: "book" }])] });
    const first = openHouse({ clock, store, egress: asks, model });
    const talk = await placeCall(first, { tools: [book], assistantModel: "scripted" });
    await talk.begins("Book it");
    await clock.advance(500);
    const before = await journalOf(store, talk.callId);
    expect(await first.calls.letGo()).toEqual([talk.callId]);
    expect(await journalOf(store, talk.callId)).toEqual(before);
    expect(first.calls.live).toBe(0);
    const { teamId } = first;
    expect(await first.calls.hear({ teamId, callId: talk.callId, text: "?" })).toMatchObject({
      refused: "stopping",
    });

    const second = houseOn(clock, store, [said("I could not.")]);
    await second.calls.takeOver();
    await clock.advance(10_000);
    expect(second.calls.live).toBe(1);
    expect(second.egress.requests.filter(({ body }) => body.includes('"function-call"'))).toEqual([]);
    await second.calls.leave({ teamId, callId: talk.callId });
    await clock.advance(60_000);
    expect(await wordsOf(store, talk.callId)).toEqual([
      "queued",
      "ongoing",
      "user: Book it",
      "taken-up",
      "assistant: I could not.",
      "finished user-hung-up",
      "reported",
    ]);
  });

  test("keeps a call whose line cannot move; at another start that one is finished as lost, with its report", async () => {
    const clock = virtualClock();
    const store = openLocalStore();
    const line = pacedLine(clock, { wordMs: 250 });
    const first = openHouse({
      clock,
      store,
      chat: () => line.channel,
      model: scriptedModel({ clock, replies: [] }),
    });
    const talk = await placeCall(first);
    expect(await first.calls.letGo()).toEqual([]);
    expect(first.calls.live).toBe(1);
    await first.die();
    const second = openHouse({ clock, store, chat: () => pacedLine(clock, { wordMs: 250 }).channel });
    expect(await second.calls.recover()).toEqual({ takenUp: 0, finished: 1 });
    await clock.advance(60_000);
    expect(await wordsOf(store, talk.callId)).toEqual([
      "queued",
      "ongoing",
      "finished server-lost",
      "reported",
    ]);
  });

  test("a drop writes and does nothing more, though an answer comes", async () => {
    const clock = virtualClock();
    const store = openLocalStore();
    const house = houseOn(clock, store, [said("One.", { firstMs: 1_000 })]);
    const talk = await placeCall(house);
    await talk.begins("A");
    const before = await journalOf(store, talk.callId);
    house.calls.drop();
    await clock.advance(0);
    expect(house.calls.live).toBe(0);
    await clock.advance(60_000);
    expect(await journalOf(store, talk.callId)).toEqual(before);
    // It takes calls all the same: as a server that begins anew.
    await house.calls.takeOver();
    await clock.advance(1_000);
    expect(house.calls.live).toBe(1);
  });
});

test("what was on its way to disk as the call was dropped was heard; what came after it is to be said again", async () => {
  const clock = virtualClock();
  const kept = openLocalStore();
  const answered = Promise.withResolvers<undefined>();
  let appends = 0;
  const append: Store["append"] = async (commit) => {
    const result = await kept.append(commit);
    appends += 1;
    if (appends > 2) await answered.promise;
    return result;
  };
  const house = houseOn(clock, { ...kept, append }, [stuck()]);
  const talk = await placeCall(house);
  appends = 2;
  const { teamId } = house;
  const first = house.calls.hear({ teamId, callId: talk.callId, text: "A" });
  const second = house.calls.hear({ teamId, callId: talk.callId, text: "B" });
  await clock.advance(10);
  house.calls.drop();
  answered.resolve(undefined);
  expect(await first).toMatchObject({ after: expect.any(Number) });
  expect(await second).toMatchObject({ refused: "stopping" });
  expect(await wordsOf(kept, talk.callId)).toEqual(["queued", "ongoing", "user: A"]);
});

describe("a call that this server holds, and takes again", () => {
  test("goes on: who opened it before the lease ran out lost it to itself", async () => {
    const clock = virtualClock();
    const store = openLocalStore();
    const house = houseOn(clock, store, [said("One.")]);
    const talk = await placeCall(house);
    // A store that nobody shares gives every call that is not over, under a new epoch.
    await house.calls.takeOver();
    await clock.advance(1_000);
    expect(house.calls.live).toBe(1);
    await talk.says("A");
    await talk.leaves();
    await clock.advance(60_000);
    expect(await wordsOf(store, talk.callId)).toEqual([
      "queued",
      "ongoing",
      "taken-up",
      "user: A",
      "assistant: One.",
      "finished user-hung-up",
      "reported",
    ]);
    expect(house.calls.live).toBe(0);
  });

  test("is reported once, though its report was under way", async () => {
    const clock = virtualClock();
    const kept = openLocalStore();
    const reports = { fail: true };
    // As a store that several share: who takes a call is the only one to write it from then on.
    let epoch = 1;
    const takeCalls: Store["takeCalls"] = async (query) => {
      epoch += 1;
      return (await kept.takeCalls(query)).map((taken) => ({ ...taken, epoch }));
    };
    const append: Store["append"] = async (commit) => {
      const isReport = commit.entries.some(({ what }) => what.type === "reported");
      if (isReport && reports.fail) throw new StoreError("unavailable", "No.");
      if (commit.epoch !== epoch) throw new StoreError("fenced", "It is another's.");
      return kept.append({ ...commit, epoch: 1 });
    };
    const store = { ...kept, append, takeCalls };
    const house = houseOn(clock, store, [said("One.")]);
    const talk = await placeCall(house);
    await talk.leaves();
    await clock.advance(5_000);
    await house.calls.takeOver();
    reports.fail = false;
    await clock.advance(60_000);
    expect(await wordsOf(store, talk.callId)).toEqual([
      "queued",
      "ongoing",
      "finished user-hung-up",
      "reported",
    ]);
    expect(house.calls.live).toBe(0);
  });
});

test("a call that is being made while all calls are dropped is not opened", async () => {
  const clock = virtualClock();
  const kept = openLocalStore();
  const asked = Promise.withResolvers<undefined>();
  // A store that does not answer for as long as a lease lasts.
  const findCall: Store["findCall"] = async (query) => {
    await asked.promise;
    return kept.findCall(query);
  };
  const house = houseOn(clock, { ...kept, findCall }, [said("One.")]);
  const { teamId } = house;
  const body = connectBody.parse({ assistant: { name: "A" }, callType: "chat" });
  const making = house.calls.connect({ teamId, body, idempotencyKey: "a key" });
  await clock.advance(0);
  house.calls.drop();
  asked.resolve(undefined);
  expect(await making).toMatchObject({ refused: "stopping" });
  expect(house.calls.live).toBe(0);
  expect(await kept.takeCalls({ after: "", limit: 10 })).toEqual([]);
});

test("who waits for a reply in a call that is let go of is left nowhere on the bus", async () => {
  const clock = virtualClock();
  const bus = openBus();
  let watchers = 0;
  const counting: Bus = {
    ...bus,
    watch(whom, hear) {
      watchers += 1;
      const stop = bus.watch(whom, hear);
      return () => {
        watchers -= 1;
        stop();
      };
    },
  };
  const model = scriptedModel({ clock, replies: [stuck()] });
  const house = openHouse({ clock, bus: counting, model, egress: recordingEgress(clock) });
  const talk = await placeCall(house);
  await talk.begins("Hello?");
  expect(watchers).toBe(1);
  expect(await house.calls.letGo()).toEqual([talk.callId]);
  await clock.advance(0);
  expect(watchers).toBe(0);
});
