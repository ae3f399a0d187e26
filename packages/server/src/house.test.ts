import { describe, expect, test } from "vitest";
import { journalOf, openHouse } from "./testing/house.ts";
import { recordingEgress } from "./testing/receiver.ts";
import { called, said, scriptedModel, stuck, type ScriptedReplies } from "./testing/scripted-model.ts";
import { placeCall, toldBy } from "./testing/talk.ts";
import { virtualClock } from "./testing/virtual-clock.ts";
import { openLocalStore } from "./store/sqlite/sqlite-store.ts";

const hourMs = 3_600_000;

function houseWith(replies: ScriptedReplies, given: { script?: Parameters<typeof recordingEgress>[1] } = {}) {
  const clock = virtualClock();
  const egress = recordingEgress(clock, given.script);
  const model = scriptedModel({ clock, replies });
  return { clock, egress, model, house: openHouse({ clock, egress, model }) };
}

const isAsk = (body: string): boolean => body.includes('"type":"function-call"');

/** Type and status of each event in the order of acceptance, each once. */
function story(egress: ReturnType<typeof recordingEgress>): string[] {
  return toldBy(egress).map(({ type, sequence, message }) => {
    const status = typeof message["status"] === "string" ? ` ${message["status"]}` : "";
    return sequence === undefined ? type : `${sequence} ${type}${status}`;
  });
}

describe("a whole call on the virtual clock", () => {
  test("goes from queued to the report, in order, in milliseconds", async () => {
    const { house, egress, clock } = houseWith([
      called([{ name: "findSlots", arguments: { day: "Monday" } }]),
      said("Nine o'clock is free."),
    ]);
    const talk = await placeCall(house, { welcomeMessage: "Good morning.", tools: [{ name: "findSlots" }] });
    await talk.says("Monday?");
    await talk.leaves();
    await clock.advance(1_000);
    expect(story(egress)).toEqual([
      "1 status-update queued",
      "2 status-update ongoing",
      "3 conversation-update",
      "4 conversation-update",
      "function-call",
      "5 conversation-update",
      "6 status-update finished",
      "7 end-of-call-report",
    ]);
  });

  test("keeps to the schedule of retries while its receiver is down for a day, and then loses nothing", async () => {
    const startedAt = virtualClock().now();
    const { house, egress, clock } = houseWith([said("Nine o'clock is free.")], {
      script: ({ at }) => ({ act: "answer", status: at < startedAt + 24 * hourMs ? 503 : 204 }),
    });
    const talk = await placeCall(house, { welcomeMessage: "Good morning." });
    await talk.says("Monday?");
    await talk.leaves();
    await clock.advance(40 * hourMs);
    const told = toldBy(egress);
    const waits = told.filter(({ sequence }) => sequence === 1).map(({ at }) => at - startedAt);
    const gaps = waits.slice(1).map((at, index) => at - (waits[index] ?? 0));
    const plannedMs = [
      1_000, 5_000, 30_000, 120_000, 300_000, 1_800_000, 7_200_000, 18_000_000, 36_000_000, 50_400_000,
    ];
    for (const [index, gap] of gaps.entries()) {
      const planned = plannedMs[index] ?? 0;
      expect(gap).toBeGreaterThanOrEqual(planned * 0.8);
      expect(gap).toBeLessThanOrEqual(planned * 1.2 + 10);
    }
    const accepted = told.filter(({ at }) => at >= startedAt + 24 * hourMs).map(({ sequence }) => sequence);
    expect(accepted).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(told.filter(({ sequence }) => sequence !== 1).every(({ attempt }) => attempt === 1)).toBe(true);
  });
});

describe("arguments that do not fit their tool", () => {
  const parameters = { type: "object", properties: { day: { type: "string" } }, required: ["day"] };
  const book = { name: "book", parameters, staticParameters: { clinic: "c-1" } };

  test("are told to the model, which may mend them; what is sent has the static parameters", async () => {
    const replies = [
      called([{ name: "book" }]),
      called([{ name: "book", arguments: { day: "Monday" } }]),
      said("Done."),
    ];
    const { house, egress, model } = houseWith(replies, {
      script: () => ({ act: "answer", body: '{"result":"booked"}' }),
    });
    const talk = await placeCall(house, { tools: [book] });
    await talk.says("Book it.");
    const asks = toldBy(egress).filter(({ type }) => type === "function-call");
    expect(asks.map(({ message }) => message["functionCall"])).toMatchObject([
      { name: "book", parameters: { day: "Monday", clinic: "c-1" } },
    ]);
    expect(model.requests[1]?.messages.at(-1)?.text).toContain("day is missing");
    expect(toldBy(egress).filter(({ type }) => type === "error")).toEqual([]);
    const answers = (await journalOf(house.store, talk.callId)).flatMap(({ what }) =>
      what.type === "tool-answered" ? [what] : [],
    );
    expect(answers).toMatchObject([
      { outcome: { kind: "error", code: "bad-arguments" } },
      { outcome: { kind: "result", result: "booked" }, http: { status: 200, attempts: 1 } },
    ]);
    expect(answers[0]?.http).toBeUndefined();
  });

  test("are an error to the application the second time", async () => {
    const { house, egress, clock } = houseWith([
      called([{ name: "book" }]),
      called([{ name: "book", arguments: { day: 1 } }]),
      said("I cannot book it."),
    ]);
    const talk = await placeCall(house, { tools: [book] });
    await talk.says("Book it.");
    await clock.advance(1_000);
    const errors = toldBy(egress).filter(({ type }) => type === "error");
    expect(errors.map(({ message }) => message["error"])).toMatchObject([
      { type: "tool_error", code: "not-sent", message: expect.stringContaining("day must be string") },
    ]);
    expect(toldBy(egress).filter(({ type }) => type === "function-call")).toEqual([]);
  });
});

describe("silence", () => {
  test("a model that is silent for 7 s makes one hang at 5 s, then the late reply arrives and the call goes on", async () => {
    const { house, egress, clock } = houseWith([said("Here I am.", { firstMs: 7_000 }), said("Yes.")]);
    const talk = await placeCall(house);
    const spokenAt = clock.now();
    await talk.says("Are you there?");
    await talk.says("Still there?");
    const hangs = toldBy(egress).filter(({ type }) => type === "hang");
    expect(hangs).toHaveLength(1);
    expect(hangs[0]?.at).toBe(spokenAt + 5_000);
    expect(hangs[0]?.message["hang"]).toMatchObject({ phase: "model", elapsedMs: 5_000, thresholdMs: 5_000 });
    const texts = (await journalOf(house.store, talk.callId)).flatMap(({ what }) =>
      what.type === "message-added" ? [what.message.text] : [],
    );
    expect(texts).toEqual(["Are you there?", "Here I am.", "Still there?", "Yes."]);
  });

  test("a tool that takes 7 s makes a hang with the phase tool and its name", async () => {
    const { house, egress } = houseWith([called([{ name: "findSlots" }]), said("Nine.")], {
      script: ({ body }) => ({ act: "answer", delayMs: isAsk(body) ? 7_000 : 0 }),
    });
    const talk = await placeCall(house, { tools: [{ name: "findSlots" }] });
    await talk.says("Monday?");
    const hangs = toldBy(egress).filter(({ type }) => type === "hang");
    expect(hangs.map(({ message }) => message["hang"])).toMatchObject([
      { phase: "tool", toolName: "findSlots", elapsedMs: 5_000 },
    ]);
  });
});

describe("the end", () => {
  test("a chat whose server was killed goes on at the next start, and has one report", async () => {
    const clock = virtualClock();
    const store = openLocalStore();
    const first = openHouse({
      clock,
      store,
      egress: recordingEgress(clock, () => ({ act: "answer", status: 500 })),
      model: scriptedModel({ clock, replies: [stuck()] }),
    });
    const talk = await placeCall(first, { welcomeMessage: "Good morning." });
    await talk.begins("Hello?");
    await first.die();

    const egress = recordingEgress(clock);
    const replies = [said("Here I am."), said("Good bye.")];
    const second = openHouse({ clock, store, egress, model: scriptedModel({ clock, replies }) });
    expect(await second.calls.recover()).toEqual({ takenUp: 1, finished: 0 });
    expect(second.calls.live).toBe(1);
    await clock.advance(1_000);
    const { teamId } = second;
    await second.calls.hear({ teamId, callId: talk.callId, text: "Thanks" });
    await clock.advance(1_000);
    await second.calls.leave({ teamId, callId: talk.callId });
    await clock.advance(60_000);
    expect(story(egress)).toEqual([
      "1 status-update queued",
      "2 status-update ongoing",
      "3 conversation-update",
      "4 conversation-update",
      "5 conversation-update",
      "6 conversation-update",
      "7 conversation-update",
      "8 status-update finished",
      "9 end-of-call-report",
    ]);
    expect(await second.calls.recover()).toEqual({ takenUp: 0, finished: 0 });
    expect(second.calls.live).toBe(0);
    const report = toldBy(egress).at(-1)?.message;
    expect(report?.["call"]).toMatchObject({ status: "finished", endedReason: "user-hung-up" });
    expect(report?.["messages"]).toMatchObject([
      { text: "Good morning." },
      { text: "Hello?" },
      { text: "Here I am." },
      { text: "Thanks" },
      { text: "Good bye." },
    ]);
  });

  test("a stop ends every live call with its report", async () => {
    const { house, egress, clock } = houseWith([stuck()]);
    const talk = await placeCall(house);
    await talk.begins("Hello?");
    const stopped = house.calls.stop(10_000);
    await clock.advance(100);
    await stopped;
    expect(story(egress).slice(-2)).toEqual(["4 status-update finished", "5 end-of-call-report"]);
    expect(house.calls.live).toBe(0);
    const late = await house.calls.connect({
      teamId: house.teamId,
      body: (await import("./testing/house.ts")).connecting({ name: "x" }),
    });
    expect(late).toMatchObject({ refused: "stopping" });
  });

  test("a tool that is on its way when the user hangs up is not called back, and its answer is recorded", async () => {
    const { house, egress, clock } = houseWith([called([{ name: "bookAppointment" }])], {
      script: ({ body }) =>
        isAsk(body) ? { act: "answer", delayMs: 3_000, body: '{"result":"booked"}' } : { act: "answer" },
    });
    const talk = await placeCall(house, { tools: [{ name: "bookAppointment" }] });
    await talk.begins("Book it.");
    await clock.advance(500);
    await talk.leaves();
    await clock.advance(10_000);
    const entries = await journalOf(house.store, talk.callId);
    const answer = entries.find(({ what }) => what.type === "tool-answered");
    expect(answer?.what).toMatchObject({ outcome: { kind: "result", result: "booked" } });
    expect(story(egress).slice(-2)).toEqual(["4 status-update finished", "5 end-of-call-report"]);
    expect(story(egress).filter((line) => line === "function-call")).toHaveLength(1);
  });

  test("an analysis that stalls holds the report back for its own limit only, and says so", async () => {
    const { house, egress, clock } = houseWith((request) =>
      request.purpose === "conversation" ? said("Yes.") : stuck(),
    );
    const talk = await placeCall(house, {
      assistantAnalysis: { summary: { enabled: true, timeoutInSecs: 12 } },
    });
    await talk.says("Hello?");
    const leftAt = clock.now();
    await talk.leaves();
    await clock.advance(60_000);
    const report = toldBy(egress).at(-1);
    expect(report?.type).toBe("end-of-call-report");
    expect((report?.at ?? 0) - leftAt).toBe(12_000);
    expect(report?.message["analysis"]).toMatchObject({
      status: { summary: "failed", successEvaluation: "skipped" },
    });
  });
});

test("many calls at once: every event of each arrives once, in order, without a gap", async () => {
  const { house, egress, clock } = houseWith(() => said("Yes, of course.", { firstMs: 40, wordMs: 20 }), {
    script: (_request, number) => ({
      act: "answer",
      status: number % 7 === 3 ? 500 : 200,
      delayMs: number % 5,
    }),
  });
  const talks = await Promise.all(
    Array.from({ length: 40 }, () => placeCall(house, { welcomeMessage: "Hello." })),
  );
  for (const round of [1, 2, 3]) {
    for (const talk of talks) await talk.begins(`Question ${round}?`);
    await clock.advance(2_000);
  }
  for (const talk of talks) await talk.leaves();
  await clock.advance(10 * 60_000);
  for (const { callId } of talks) {
    const told = toldBy(egress).filter(({ message }) => (message["call"] as { id: string }).id === callId);
    const firsts = told.filter(
      ({ sequence }, index) => told.findIndex((one) => one.sequence === sequence) === index,
    );
    const missed = told.flatMap(({ message }) => (message["missed"] as number[] | undefined) ?? []);
    expect(firsts.map(({ sequence }) => sequence)).toEqual(firsts.map((_, index) => index + 1));
    expect(told.at(-1)?.type).toBe("end-of-call-report");
    expect(new Set(missed).size).toBeLessThanOrEqual(firsts.length);
  }
});
