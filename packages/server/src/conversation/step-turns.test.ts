import { describe, expect, it } from "vitest";
import { limits } from "./limits.ts";
import { asks, busy, refused } from "./testing/setup.ts";
import { connected, start, talk } from "./testing/talk.ts";

describe("the welcome", () => {
  it("is said whole when the assistant speaks first", () => {
    const call = connected({ welcome: { mode: "assistant-speaks-first", text: "Good morning." } });
    expect(call.wrote).toEqual(["ongoing", "assistant: Good morning."]);
    expect(call.did).toEqual(['say "Good morning."']);
    expect(call.state.name).toBe("listening");
  });

  it("is given to the model as what the assistant said", () => {
    const call = connected({ welcome: { mode: "assistant-speaks-first", text: "Good morning." } }).hears(
      "Hello",
    );
    expect(call.given).toEqual(["system: Be kind.", "assistant: Good morning.", "user: Hello"]);
  });

  it("is left out when its text is empty", () => {
    const call = connected({ welcome: { mode: "assistant-speaks-first", text: "" } });
    expect(call.wrote).toEqual(["ongoing"]);
    expect(call.did).toEqual([]);
  });

  it("is not said when the assistant waits for the user, though there is a text", () => {
    const call = connected({ welcome: { mode: "assistant-waits-for-user", text: "Good morning." } });
    expect(call.wrote).toEqual(["ongoing"]);
    expect(call.did).toEqual([]);
    expect(call.state.name).toBe("listening");
  });

  it("is written by the model in mode automatic, in a turn of its own", () => {
    const call = connected({ welcome: { mode: "automatic", text: "Not this." } });
    expect(call.wrote).toEqual(["ongoing", "turn 1 begins: welcome", "model asked for reply 1"]);
    call.modelReplies("Welcome!");
    expect(call.wrote).toEqual(["reply 1 kept", "assistant: Welcome!", "turn 1 answered"]);
  });

  it("comes before what was asked for while the call was queued", () => {
    const call = talk({ welcome: { mode: "assistant-speaks-first", text: "Good morning." } });
    call.control({ type: "say", message: "This call is recorded." }).connects();
    expect(call.did).toEqual(['say "Good morning."', 'say "This call is recorded."']);
  });

  it("happens once, though the channel connects twice", () => {
    const call = connected({ welcome: { mode: "assistant-speaks-first", text: "Good morning." } }).connects();
    expect(call.unchanged).toBe(true);
  });
});

describe("a turn", () => {
  it("goes from the user's words to the end of the reply", () => {
    const call = connected().hears("Are you open?").modelReplies("Until six.");
    expect(call.journal).toEqual([
      "ongoing",
      "turn 1 begins: user",
      "user: Are you open?",
      "model asked for reply 1",
      "reply 1 kept",
      "assistant: Until six.",
      "turn 1 answered",
    ]);
    expect(call.state.name).toBe("listening");
  });

  it("gives the model its settings, the prompt, the history and the tools", () => {
    const call = connected().hears("One").modelReplies("Two").hears("Three");
    expect(call.given).toEqual(["system: Be kind.", "user: One", "assistant: Two", "user: Three"]);
    expect(call.request?.settings.model).toBe("parrot");
    expect(call.request?.tools).toMatchObject({ builtIns: ["endCall", "callForward"] });
  });

  it("leaves an empty prompt out", () => {
    expect(connected({ prompt: "" }).hears("Hello").given).toEqual(["user: Hello"]);
  });

  it("hands on each piece of a reply at once, and its end when the model has finished", () => {
    const call = connected().hears("Hello").modelSays("Good ");
    expect(call.did).toEqual(['say "Good " …']);
    expect(call.modelSays("day.").did).toEqual(['say "day." …']);
    expect(call.modelFinishes().did).toEqual(["say no more"]);
  });

  it("says a reply under the id that the journal has for it", () => {
    const call = connected().hears("Hello").modelSays("Good ").modelReplies("day.");
    const written = call.entries.find(
      (entry) => entry.type === "message-added" && entry.message.role === "assistant",
    );
    expect(written).toMatchObject({
      message: { messageId: call.lastSaid, text: "Good day." },
      heard: "whole",
    });
    expect(call.said.get(call.lastSaid)).toBe("Good day.");
  });

  it("tells how long the first content and the whole took", () => {
    const call = connected().hears("Hello").waits(300).modelSays("Hi").waits(200);
    call.send({
      type: "model-finished",
      replyId: call.lastReply,
      toolCalls: [],
      usage: { promptTokens: 9, completionTokens: 1 },
    });
    expect(call.entries.find(({ type }) => type === "model-answered")).toMatchObject({
      firstContentMs: 300,
      totalMs: 500,
      usage: { promptTokens: 9, completionTokens: 1 },
    });
    expect(call.entries.findLast(({ type }) => type === "message-added")).toMatchObject({
      message: { timestamp: start + 500, metrics: { llm: { responseLatencyMs: 300 } } },
    });
  });

  it("does not take blank text for the beginning of a reply", () => {
    const call = connected().hears("Hello").modelSays("").modelSays(" \n");
    expect(call.unchanged).toBe(true);
    expect(call.state.name).toBe("thinking");
  });

  it("neither says nor writes blank text after the beginning of a tool call", () => {
    const call = connected().hears("Hello").modelBeginsCall("book").modelSays("").modelSays("\n");
    expect(call.unchanged).toBe(true);
    expect(call.modelFinishes(asks("book")).wrote).toEqual(["reply 1 kept", "tool 1 asked: book"]);
  });

  it.each(["reply_nobody_9", ""])("takes nothing from the reply %j, which is not its own", (other) => {
    const call = connected().hears("Hello");
    expect(call.modelSays("Hi", other).unchanged).toBe(true);
    expect(call.modelBeginsCall("book", other).unchanged).toBe(true);
    expect(call.modelFails(refused, other).unchanged).toBe(true);
    expect(
      call.send({ type: "model-finished", replyId: other, toolCalls: [asks("endCall")] }).unchanged,
    ).toBe(true);
  });

  it("takes nothing more from a reply that was kept", () => {
    const call = connected().hears("Hello").modelReplies("Hi.");
    const [kept] = call.replyIds;
    call.hears("And?");
    expect(call.modelSays("late", kept).unchanged).toBe(true);
    expect(call.modelFails(refused, kept).unchanged).toBe(true);
  });
});

describe("a model that fails", () => {
  it("is asked once more in the same turn when that may help", () => {
    const call = connected().hears("Hello").modelFails(busy);
    expect(call.wrote).toEqual(["reply 1 failed", "llm_error: rate-limited", "model asked for reply 2"]);
    expect(call.did).toContain("ask model 2");
    expect(call.modelReplies("Hi.").wrote).toEqual(["reply 2 kept", "assistant: Hi.", "turn 1 answered"]);
  });

  it("is not asked a third time", () => {
    const call = connected().hears("Hello").modelFails(busy).modelFails(busy);
    expect(call.wrote).toEqual(["reply 2 failed", "llm_error: rate-limited", "turn 1 failed"]);
    expect(call.state.name).toBe("listening");
  });

  it("is asked once more when nothing was heard of its reply but the beginning of a tool call", () => {
    const call = connected().hears("Hello").modelBeginsCall("book").modelFails(busy);
    expect(call.did).toContain("ask model 2");
  });

  it("is asked once more in each round", () => {
    const call = connected()
      .hears("Hello")
      .modelFails(busy)
      .modelFinishes(asks("book"))
      .toolAnswers(1, "Booked.");
    expect(call.modelFails(busy).did).toContain("ask model 4");
    expect(call.modelFails(busy).wrote).toContain("turn 1 failed");
  });

  it("is not asked again when that cannot help", () => {
    const call = connected().hears("Hello").modelFails(refused);
    expect(call.wrote).toEqual(["reply 1 failed", "llm_error: refused", "turn 1 failed"]);
  });

  it("is not asked again when something was heard already, and that stays, cut", () => {
    const call = connected().hears("Hello").modelSays("Well, ").modelFails(busy);
    expect(call.wrote).toEqual([
      "reply 1 failed",
      "llm_error: rate-limited",
      "assistant (cut): Well, ",
      "turn 1 failed",
    ]);
    expect(call.did).toContain("hush");
    expect(call.hears("What?").given).toContain("assistant: Well, ");
  });

  it("is told of with what is known about it", () => {
    const call = connected().hears("Hello").modelFails(busy);
    expect(call.entries.find(({ type }) => type === "error")).toEqual({
      type: "error",
      error: {
        type: "llm_error",
        code: "rate-limited",
        message: "Too many requests.",
        provider: "custom-llm",
        retryable: true,
        details: { turnId: expect.any(String), replyId: call.replyIds[0], model: "parrot", status: 429 },
      },
    });
  });

  it("has failed when it finishes without a word or a tool call", () => {
    const call = connected().hears("Hello").modelFinishes();
    expect(call.wrote).toEqual(["reply 1 failed", "llm_error: empty", "model asked for reply 2"]);
  });

  it("ends the call after so many failed turns in sequence", () => {
    const call = connected();
    for (let turn = 1; turn < limits.failedTurnsMax; turn += 1) call.hears("Hello").modelFails(refused);
    expect(call.state.name).toBe("listening");
    call.hears("Hello?").modelFails(refused);
    expect(call.wrote.slice(-2)).toEqual([
      `turn ${limits.failedTurnsMax} failed`,
      "finished: model-failed by system",
    ]);
    expect(call.did).toContain("close");
  });

  it("is forgiven as soon as a turn was answered", () => {
    const call = connected();
    for (let turn = 1; turn < limits.failedTurnsMax; turn += 1) call.hears("Hello").modelFails(refused);
    call.hears("Hello?").modelReplies("Hi.").hears("Well?").modelFails(refused);
    expect(call.state.name).toBe("listening");
  });
});

describe("a model that takes too long", () => {
  const patient = { hangThresholdMs: 600_000 };

  it("is given up when its first content does not come", () => {
    const call = connected(patient)
      .hears("Hello")
      .waits(limits.firstContentMaxMs - 1)
      .wakes();
    expect(call.unchanged).toBe(true);
    expect(call.waits(1).wakes().wrote).toEqual(["reply 1 failed", "llm_error: timeout", "turn 1 failed"]);
    expect(call.did).toContain("stop model 1");
  });

  it("is given up when its reply does not end, counted from the request", () => {
    const call = connected(patient).hears("Hello").waits(1_000).modelSays("Well, ");
    call.waits(limits.replyMaxMs - 1_001).wakes();
    expect(call.unchanged).toBe(true);
    call.waits(1).wakes();
    expect(call.wrote).toEqual([
      "reply 1 failed",
      "llm_error: timeout",
      "assistant (cut): Well, ",
      "turn 1 failed",
    ]);
    expect(call.did).toEqual(["stop model 1", "hush"]);
  });

  it("is cut off when its reply grows beyond all bounds", () => {
    const call = connected().hears("Hello").modelSays("x".repeat(limits.replyCharactersMax));
    expect(call.state.name).toBe("replying");
    call.modelSays("x");
    expect(call.wrote.slice(0, 2)).toEqual(["reply 1 failed", "llm_error: bad-answer"]);
    expect(call.did).toEqual(["stop model 1", "hush"]);
    expect(call.state.name).toBe("listening");
  });
});
