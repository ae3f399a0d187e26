import type { JsonObject } from "@offhook/protocol";
import { describe, expect, test } from "vitest";
import { journalOf, openHouse } from "./testing/house.ts";
import { type PacedLine, pacedLine } from "./testing/paced-channel.ts";
import { recordingEgress } from "./testing/receiver.ts";
import { called, said, scriptedModel, stuck, type ScriptedReplies } from "./testing/scripted-model.ts";
import { placeCall, toldBy } from "./testing/talk.ts";
import { virtualClock } from "./testing/virtual-clock.ts";

/** A call on a line that plays and hears at speech speed: a word every 300 ms, on both sides. */
async function callOnLine(
  replies: ScriptedReplies,
  given: { assistant?: JsonObject; script?: Parameters<typeof recordingEgress>[1] } = {},
) {
  const clock = virtualClock();
  const egress = recordingEgress(clock, given.script);
  const model = scriptedModel({ clock, replies });
  const line: PacedLine = pacedLine(clock);
  const house = openHouse({ clock, egress, model, chat: () => line.channel });
  const talk = await placeCall(house, given.assistant);
  const texts = async (): Promise<string[]> => {
    const entries = await journalOf(house.store, talk.callId);
    return entries.flatMap(({ what }) => {
      if (what.type !== "message-added") return [];
      const { message, heard, origin } = what;
      const mark = [origin, heard === "cut" ? heard : undefined].filter((word) => word !== undefined);
      return [`${message.role}${mark.length === 0 ? "" : ` (${mark.join(", ")})`}: ${message.text}`];
    });
  };
  return { clock, egress, model, line, house, talk, texts };
}

const isAsk = (body: string): boolean => body.includes('"type":"function-call"');

describe("a call at speech speed", () => {
  test("writes what was heard when it was heard, and each is one conversation-update", async () => {
    const { line, clock, texts, egress } = await callOnLine([said("It is nine o'clock.")], {
      assistant: { welcomeMessage: "Good morning." },
    });
    expect(await texts()).toEqual([]);
    await clock.advance(600);
    expect(await texts()).toEqual(["assistant (welcome): Good morning."]);
    line.says("What time is it?");
    await clock.advance(1_200 + 1_100);
    expect(await texts()).toHaveLength(2);
    await clock.advance(200);
    expect((await texts()).at(-1)).toBe("assistant: It is nine o'clock.");
    expect(toldBy(egress).filter(({ type }) => type === "conversation-update")).toHaveLength(3);
    expect(line.heard).toBe("Good morning.It is nine o'clock.");
  });

  test("is cut where it was heard when the user breaks in, and the model knows no more than that", async () => {
    const { line, clock, texts, model } = await callOnLine([
      said("We are open from nine to five on every day."),
      said("Until one."),
    ]);
    line.says("When?");
    await clock.advance(300 + 1_300);
    line.says("On Saturday?");
    await clock.advance(5_000);
    expect(await texts()).toEqual([
      "user: When?",
      "assistant (cut): We are open from",
      "user: On Saturday?",
      "assistant: Until one.",
    ]);
    expect(line.heard).toBe("We are open fromUntil one.");
    const given = model.requests[1]?.messages.map((item) => item.text);
    expect(given?.slice(-3)).toEqual(["When?", "We are open from", "On Saturday?"]);
  });

  test("goes on from where it was heard after noise, and loses no word", async () => {
    const { line, clock, texts } = await callOnLine([said("We are open from nine to five.")]);
    line.says("When?");
    await clock.advance(300 + 1_000);
    line.makesNoise(2_000);
    await clock.advance(1_900);
    expect([line.isPlaying, line.heard]).toEqual([false, "We are open"]);
    await clock.advance(5_000);
    expect(line.heard).toBe("We are open from nine to five.");
    expect((await texts()).at(-1)).toBe("assistant: We are open from nine to five.");
  });

  test("goes on through an acknowledgement", async () => {
    const { line, clock, texts, model } = await callOnLine([said("We are open from nine to five.")]);
    line.says("When?");
    await clock.advance(300 + 1_000);
    line.says("Mm-hmm.");
    await clock.advance(5_000);
    expect(line.heard).toBe("We are open from nine to five.");
    expect(await texts()).toEqual([
      "user: When?",
      "user: Mm-hmm.",
      "assistant: We are open from nine to five.",
    ]);
    expect(model.requests).toHaveLength(1);
  });

  test("needs as many words as stopSpeakingOptions.numberOfWords say", async () => {
    const assistant = { stopSpeakingOptions: { numberOfWords: 3 } };
    const replies = [said("We are open from nine to five on every day."), said("No.")];
    const { line, clock, texts } = await callOnLine(replies, { assistant });
    line.says("When?");
    await clock.advance(300 + 1_000);
    line.says("But why");
    await clock.advance(6_000);
    expect(line.heard).toContain("every day.");
    // The words are written when they are heard, the reply when it was heard to its end.
    expect((await texts()).slice(1)).toEqual([
      "user: But why",
      "assistant: We are open from nine to five on every day.",
      "assistant: No.",
    ]);
  });

  test("lets the goodbye be heard before the end", async () => {
    const replies = [called([{ name: "endCall" }], { say: "Goodbye then." })];
    const { line, clock, house, texts } = await callOnLine(replies, {
      assistant: { assistantPredefinedTools: ["endCall"], endCallMessage: "Thank you for calling." },
    });
    line.says("Bye.");
    await clock.advance(300 + 1_700);
    expect(house.calls.live).toBe(1);
    await clock.advance(200);
    expect(house.calls.live).toBe(0);
    expect(line.heard).toBe("Goodbye then.Thank you for calling.");
    expect((await texts()).slice(1)).toEqual([
      "assistant: Goodbye then.",
      "assistant (goodbye): Thank you for calling.",
    ]);
  });
});

describe("who watches a call", () => {
  test("is shown what each side does, and what the call waits for", async () => {
    const { line, clock, house, talk } = await callOnLine([called([{ name: "book" }]), said("Booked now.")], {
      assistant: { tools: [{ name: "book" }] },
      script: ({ body }) => ({
        act: "answer",
        delayMs: isAsk(body) ? 1_000 : 0,
        body: '{"result":"booked"}',
      }),
    });
    const { teamId } = house;
    const shown: string[] = [];
    house.bus.watch({ teamId, callId: talk.callId }, (news) => {
      if (news.kind === "live" && news.update.type === "state")
        shown.push(`${news.update.assistant} ${news.update.user}: ${news.update.waitsFor.kind}`);
    });
    line.says("Book it");
    await clock.advance(600 + 1_000 + 800);
    expect(await house.calls.look({ teamId, callId: talk.callId })).toMatchObject({ user: "listening" });
    await clock.advance(30_000);
    expect(shown).toEqual([
      "listening speaking: user-speech",
      "thinking listening: hang",
      "thinking listening: reply",
      "thinking listening: hang",
      "speaking listening: hang",
      "listening listening: idle",
      "listening away: max-duration",
    ]);
  });
});

describe("the races of the field", () => {
  test("an endCall whose goodbye the user cuts does not hang up on them", async () => {
    const replies = [called([{ name: "endCall" }], { say: "Goodbye and thank you." }), said("Of course.")];
    const { line, clock, house, texts } = await callOnLine(replies, {
      assistant: { assistantPredefinedTools: ["endCall"] },
    });
    line.says("Bye.");
    await clock.advance(300 + 400);
    line.says("Wait!");
    await clock.advance(10_000);
    expect(house.calls.live).toBe(1);
    expect((await texts()).slice(1)).toEqual([
      "assistant (cut): Goodbye",
      "user: Wait!",
      "assistant: Of course.",
    ]);
  });

  test("an endCall of a reply that the user spoke against before a sound is never done", async () => {
    const replies = [called([{ name: "endCall" }], { say: "Goodbye.", firstMs: 500 }), said("Yes?")];
    const { line, clock, house, talk } = await callOnLine(replies, {
      assistant: { assistantPredefinedTools: ["endCall"] },
    });
    line.says("Bye.");
    await clock.advance(300 + 400);
    line.begins();
    await clock.advance(2_000);
    line.says("No, wait!");
    await clock.advance(10_000);
    expect(house.calls.live).toBe(1);
    expect(line.heard).toBe("Yes?");
    const kinds = (await journalOf(house.store, talk.callId)).map(({ what }) => what.type);
    expect(kinds).not.toContain("tool-requested");
  });

  test("a result that lands while the user speaks waits for the pause, and both are answered together", async () => {
    const { line, clock, model } = await callOnLine([called([{ name: "book" }]), said("Booked for two.")], {
      assistant: { tools: [{ name: "book" }] },
      script: ({ body }) => ({
        act: "answer",
        delayMs: isAsk(body) ? 1_000 : 0,
        body: '{"result":"booked"}',
      }),
    });
    line.says("Book it.");
    await clock.advance(600 + 900);
    line.says("For two persons if that can be done");
    await clock.advance(1_000);
    expect(model.requests).toHaveLength(1);
    await clock.advance(10_000);
    expect(model.requests).toHaveLength(2);
    const given = model.requests[1]?.messages.slice(-2).map((item) => `${item.role}: ${item.text}`);
    expect(given).toEqual(["tool: booked", "user: For two persons if that can be done"]);
    expect(line.heard).toBe("Booked for two.");
  });

  test("a user who hangs up during a tool ends the call with what was heard, and the answer is recorded", async () => {
    const replies = [called([{ name: "book" }], { say: "One moment, I will book it." })];
    const { line, clock, house, talk, texts } = await callOnLine(replies, {
      assistant: { tools: [{ name: "book" }] },
      script: ({ body }) => ({
        act: "answer",
        delayMs: isAsk(body) ? 3_000 : 0,
        body: '{"result":"booked"}',
      }),
    });
    line.says("Book it.");
    await clock.advance(600 + 700);
    line.leaves();
    await clock.advance(10_000);
    expect((await texts()).at(-1)).toBe("assistant (cut): One moment,");
    const kinds = (await journalOf(house.store, talk.callId)).map(({ what }) => what.type);
    expect(kinds.filter((kind) => kind === "tool-answered")).toHaveLength(1);
    expect(kinds.filter((kind) => kind === "reported")).toHaveLength(1);
  });

  test("a report waits for a stalled analysis no longer than its limit", async () => {
    const { line, clock, egress } = await callOnLine(
      (request) => (request.purpose === "conversation" ? said("Yes.") : stuck()),
      { assistant: { assistantAnalysis: { summary: { enabled: true, timeoutInSecs: 5 } } } },
    );
    line.says("Hello?");
    await clock.advance(2_000);
    const leftAt = clock.now();
    line.leaves();
    await clock.advance(60_000);
    const report = toldBy(egress).at(-1);
    expect([report?.type, (report?.at ?? 0) - leftAt]).toEqual(["end-of-call-report", 5_000]);
  });
});

describe("silence at speech speed", () => {
  test("a hang says its filler, which the user hears and the model is not given", async () => {
    const { line, clock, egress, model, texts } = await callOnLine(
      [said("Here I am.", { firstMs: 8_000 }), said("Yes.")],
      { assistant: { hangRecovery: { say: "One moment, please." } } },
    );
    line.says("Hello?");
    await clock.advance(300 + 5_000 + 1_000);
    expect(line.heard).toBe("One moment, please.");
    await clock.advance(6_000);
    line.says("And?");
    await clock.advance(3_000);
    expect(await texts()).toEqual([
      "user: Hello?",
      "assistant (filler): One moment, please.",
      "assistant: Here I am.",
      "user: And?",
      "assistant: Yes.",
    ]);
    expect(model.requests[1]?.messages.map((item) => item.text)).not.toContain("One moment, please.");
    const types = toldBy(egress).map(({ type }) => type);
    expect(types.filter((type) => type === "hang")).toHaveLength(1);
  });

  test("a hang asks another model, and the late reply of the first changes nothing", async () => {
    const { line, clock, model } = await callOnLine(
      (_request, number) =>
        number === 0 ? said("Too late.", { firstMs: 7_000 }) : said("In time.", { firstMs: 100 }),
      { assistant: { assistantModel: "slow", hangRecovery: { model: "quick" } } },
    );
    line.says("Hello?");
    await clock.advance(20_000);
    expect(model.requests.map((request) => request.model)).toEqual(["slow", "quick"]);
    expect(model.calledOff()).toBe(1);
    expect(line.heard).toBe("In time.");
  });

  test("a user who says nothing is asked for, and then the call ends with idle-timeout", async () => {
    const { clock, egress, line } = await callOnLine([], {
      assistant: {
        idleTimeout: 10,
        idleMessages: ["Are you there?"],
        maxIdleMessagesInSequence: 2,
        endCallMessage: "Goodbye.",
      },
    });
    await clock.advance(60_000);
    expect(line.heard).toBe("Are you there?Are you there?Goodbye.");
    expect(toldBy(egress).at(-1)?.message["call"]).toMatchObject({ endedReason: "idle-timeout" });
  });
});
