import type { CallId, ConnectBody, TeamId } from "@offhook/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { connecting, journalOf, openHouse } from "../testing/house.ts";
import { recordingEgress } from "../testing/receiver.ts";
import { said, scriptedModel, stuck } from "../testing/scripted-model.ts";
import { toldBy } from "../testing/talk.ts";
import { virtualClock } from "../testing/virtual-clock.ts";
import { openLocalStore } from "../store/sqlite/sqlite-store.ts";
import type { Store } from "../store.ts";

const serverUrl = "http://127.0.0.1:9/offhook";
const asking: ConnectBody = connecting({ name: "Desk", assistantServer: { url: serverUrl } });

function houseOf(rules: { callsMax?: number; teamCallsMax?: number }, store?: Store) {
  const clock = virtualClock();
  const egress = recordingEgress(clock);
  const model = scriptedModel({ clock, replies: () => stuck() });
  return {
    clock,
    egress,
    house: openHouse({ clock, egress, model, rules, ...(store === undefined ? {} : { store }) }),
  };
}

const other = "other" as TeamId;

describe("more calls than there is room for", () => {
  test("are refused with what to do, and are calls with an end and a report all the same", async () => {
    const { house, egress, clock } = houseOf({ callsMax: 1 });
    const first = await house.calls.connect({ teamId: house.teamId, body: asking });
    const refused = await house.calls.connect({ teamId: house.teamId, body: asking });
    await clock.advance(1_000);
    expect(first).toMatchObject({ status: "queued" });
    expect(refused).toMatchObject({
      refused: "over-capacity",
      detail: expect.stringMatching(/refused call is TC-/u),
    });
    const id = /TC-[0-9a-f-]+/u.exec("refused" in refused ? refused.detail : "")?.[0] as CallId;
    const told = toldBy(egress).filter(({ message }) => (message["call"] as { id: string }).id === id);
    expect(told.map(({ type, sequence }) => `${sequence} ${type}`)).toEqual([
      "1 status-update",
      "2 status-update",
      "3 end-of-call-report",
    ]);
    expect(told.at(-1)?.message).toMatchObject({
      call: {
        status: "finished",
        endedReason: "rejected-over-capacity",
        callEndTriggerBy: "system",
        startAt: null,
      },
      analysis: { status: { summary: "skipped" } },
    });
    const open = await house.store.takeCalls({ after: "", limit: 10 });
    expect(open.map(({ callId }) => callId)).not.toContain(id);
    expect((await journalOf(house.store, id)).filter(({ what }) => what.type === "reported")).toHaveLength(1);
  });

  test("of one team leave room for another's", async () => {
    const { house } = houseOf({ callsMax: 3, teamCallsMax: 2 });
    const connect = (teamId: TeamId) => house.calls.connect({ teamId, body: asking });
    const kinds: unknown[] = [];
    for (const team of [house.teamId, house.teamId, house.teamId, other, other]) {
      const answer = await connect(team);
      kinds.push("refused" in answer ? answer.refused : answer.status);
    }
    expect(kinds).toEqual(["queued", "queued", "team-over-capacity", "queued", "over-capacity"]);
    expect(house.calls.live).toBe(3);
  });

  test("find room again when a call has ended", async () => {
    const { house, clock } = houseOf({ callsMax: 1 });
    const first = await house.calls.connect({ teamId: house.teamId, body: asking });
    const callId = ("refused" in first ? "" : first.id) as CallId;
    await house.calls.leave({ teamId: house.teamId, callId });
    await clock.advance(10);
    expect(await house.calls.connect({ teamId: house.teamId, body: asking })).toMatchObject({
      status: "queued",
    });
  });

  test("that do not fit are refused for that, and leave nothing behind", async () => {
    const { house } = houseOf({ callsMax: 1 });
    await house.calls.connect({ teamId: house.teamId, body: asking });
    const body = { ...asking, assistant: undefined, assistantId: "asst-none" };
    expect(await house.calls.connect({ teamId: house.teamId, body })).toMatchObject({ refused: "not-found" });
  });
});

type Way = "ends" | "unknown-assistant" | "store-fails" | "of-another-team" | "stays";

test("whatever becomes of calls, the counter is the number of those that live", async () => {
  const way = fc.constantFrom<Way>("ends", "unknown-assistant", "store-fails", "of-another-team", "stays");
  await fc.assert(
    fc.asyncProperty(fc.array(way, { maxLength: 14 }), async (ways) => {
      const local = openLocalStore();
      let fails = false;
      const store: Store = {
        ...local,
        openJournal: (opening) =>
          fails ? Promise.reject(new Error("the disk is gone")) : local.openJournal(opening),
      };
      const { house, clock } = houseOf({ callsMax: 4, teamCallsMax: 3 }, store);
      let living = 0;
      for (const each of ways) {
        fails = each === "store-fails";
        const teamId = each === "of-another-team" ? other : house.teamId;
        const body =
          each === "unknown-assistant" ? { ...asking, assistant: undefined, assistantId: "no" } : asking;
        const call = await house.calls
          .connect({ teamId, body })
          .catch(() => ({ refused: "broken" as const }));
        if ("refused" in call) continue;
        living += 1;
        if (each !== "ends") continue;
        await house.calls.leave({ teamId, callId: call.id as CallId });
        await clock.advance(10);
        living -= 1;
      }
      expect(house.calls.live).toBe(living);
      fails = false;
      const stopped = house.calls.stop(10_000);
      await clock.advance(10_000);
      await stopped;
      expect(house.calls.live).toBe(0);
      await house.die();
    }),
    { numRuns: 40 },
  );
});

describe("a drain", () => {
  async function draining(limitMs: number, hurry?: AbortSignal) {
    const opened = houseOf({});
    const { house, clock } = opened;
    const call = await house.calls.connect({ teamId: house.teamId, body: asking });
    const callId = ("refused" in call ? "" : call.id) as CallId;
    await clock.advance(10);
    const began = clock.now();
    const drained = { afterMs: -1 };
    void house.calls.drain(limitMs, hurry).then(() => (drained.afterMs = clock.now() - began));
    await clock.advance(0);
    return { ...opened, callId, drained };
  }

  test("takes no new call, and lets the live ones go on until they end", async () => {
    const { house, clock, callId, drained } = await draining(60_000);
    expect(house.calls.takesCalls).toBe(false);
    expect(await house.calls.connect({ teamId: house.teamId, body: asking })).toMatchObject({
      refused: "stopping",
    });
    await clock.advance(20_000);
    expect(drained.afterMs).toBe(-1);
    expect(await house.calls.hear({ teamId: house.teamId, callId, text: "Still there?" })).toHaveProperty(
      "reply",
    );
    await house.calls.leave({ teamId: house.teamId, callId });
    await clock.advance(10);
    expect(drained.afterMs).toBe(20_000);
  });

  test("ends at its ceiling; the stop then ends the call with its report", async () => {
    const { house, clock, drained, egress } = await draining(60_000);
    await clock.advance(60_000);
    expect(drained.afterMs).toBe(60_000);
    const stopped = house.calls.stop(10_000);
    await clock.advance(1_000);
    await stopped;
    expect(
      toldBy(egress)
        .slice(-2)
        .map(({ type }) => type),
    ).toEqual(["status-update", "end-of-call-report"]);
    expect(toldBy(egress).at(-1)?.message["call"]).toMatchObject({ endedReason: "server-stopped" });
  });

  test("ends at once when it is to hurry, without a timer left over", async () => {
    const hurry = new AbortController();
    const { clock, drained } = await draining(60_000, hurry.signal);
    const waiting = clock.waiting;
    hurry.abort();
    await clock.advance(0);
    expect(drained.afterMs).toBe(0);
    expect(clock.waiting).toBe(waiting - 1);
  });

  test("of a server without calls takes no time", async () => {
    const { house } = houseOf({});
    await house.calls.drain(60_000);
    expect(house.calls.takesCalls).toBe(false);
  });
});

test("an analysis that comes late is told of once, after the report, to who subscribed to it", async () => {
  const clock = virtualClock();
  const egress = recordingEgress(clock);
  const model = scriptedModel({
    clock,
    replies: ({ purpose }) => said("Yes.", { firstMs: purpose === "summary" ? 9_000 : 0 }),
  });
  const house = openHouse({ clock, egress, model });
  const messages = ["status-update", "end-of-call-report", "analysis-updated"];
  const assistantAnalysis = { summary: { enabled: true, timeoutInSecs: 2 } };
  const body = connecting({
    name: "Desk",
    welcomeMessage: "Hi.",
    assistantAnalysis,
    assistantServer: { url: serverUrl, messages },
  });
  const call = await house.calls.connect({ teamId: house.teamId, body });
  const callId = ("refused" in call ? "" : call.id) as CallId;
  await clock.advance(10);
  await house.calls.leave({ teamId: house.teamId, callId });
  await clock.advance(60_000);
  const told = toldBy(egress).slice(-2);
  expect(told.map(({ type, sequence }) => `${sequence} ${type}`)).toEqual([
    "4 end-of-call-report",
    "5 analysis-updated",
  ]);
  expect(told[0]?.message["analysis"]).toMatchObject({ status: { summary: "failed" } });
  expect(told[1]?.message["analysis"]).toMatchObject({
    summary: "Yes.",
    status: { summary: "ok" },
    errors: {},
  });
  expect(await house.store.findCall({ teamId: house.teamId, callId })).toMatchObject({
    analysis: { summary: "Yes." },
  });
  expect(await house.calls.recover()).toEqual({ takenUp: 0, finished: 0 });
});

test.each([
  { limitMs: 10_000, kept: true },
  { limitMs: 3_000, kept: false },
])("a stop waits $limitMs ms at most for an analysis that comes late", async ({ limitMs, kept }) => {
  const clock = virtualClock();
  const model = scriptedModel({ clock, replies: () => said("Yes.", { firstMs: 9_000 }) });
  const house = openHouse({ clock, egress: recordingEgress(clock), model });
  const assistantAnalysis = { summary: { enabled: true, timeoutInSecs: 2 } };
  const body = connecting({ name: "Desk", welcomeMessage: "Hi.", assistantAnalysis });
  const call = await house.calls.connect({ teamId: house.teamId, body });
  const callId = ("refused" in call ? "" : call.id) as CallId;
  await clock.advance(10);
  await house.calls.leave({ teamId: house.teamId, callId });
  await clock.advance(2_500);
  const began = clock.now();
  const stopped = house.calls.stop(limitMs).then(() => clock.now() - began);
  await clock.advance(60_000);
  expect(await stopped).toBe(kept ? 9_000 - 2_500 : limitMs);
  const types = (await journalOf(house.store, callId)).map(({ what }) => what.type);
  expect(types.includes("analysis-updated")).toBe(kept);
});

test("variables that nobody gave are an entry of the call's beginning", async () => {
  const { house } = houseOf({});
  const body = connecting(
    {
      name: "Desk",
      assistantSystemPrompt: "{{name}} and {{age}}, {{date}}",
      welcomeMessage: "Hi {{name}}, {{city}}.",
    },
    { assistantOverrides: { dynamicVariables: { age: 7 } } },
  );
  const call = await house.calls.connect({ teamId: house.teamId, body });
  const entries = await journalOf(house.store, "refused" in call ? "" : call.id);
  expect(entries.map(({ what }) => what)[1]).toEqual({ type: "variables-missing", names: ["name", "city"] });
});
