import { describe, expect, it } from "vitest";
import { limits } from "./limits.ts";
import { scenes } from "./testing/scenes.ts";
import { asks, asksBadly } from "./testing/setup.ts";
import { connected, talk } from "./testing/talk.ts";

const asked = (changes: Parameters<typeof connected>[0] = {}) => connected(changes).hears("Bye");

describe("endCall", () => {
  it("ends the call when its goodbye was heard", () => {
    const call = asked().modelReplies("Goodbye.", asks("endCall"));
    expect(call.wrote).toEqual([
      "reply 1 kept",
      "assistant: Goodbye.",
      "tool 1 asked: endCall",
      "tool 1 answered: done",
      "turn 1 answered",
    ]);
    expect(call.state.name).toBe("closing");
    expect(call.playsOut().wrote).toEqual(["finished: assistant-ended by assistant"]);
    expect(call.did).toEqual(["close"]);
  });

  it("is not ended by another message that was heard", () => {
    const call = connected({ welcome: { mode: "assistant-speaks-first", text: "Hello." } });
    const welcome = call.lastSaid;
    call.hears("Bye").modelReplies("Goodbye.", asks("endCall")).playsOut(welcome);
    expect(call.unchanged).toBe(true);
  });

  it("ends the call at once when there is nothing to be heard", () => {
    const call = asked().modelFinishes(asks("endCall"));
    expect(call.wrote.slice(-2)).toEqual(["turn 1 answered", "finished: assistant-ended by assistant"]);
    expect(call.did).toEqual(["close"]);
  });

  it("says the endCallMessage, alone or after the reply's own words, and waits until it was heard", () => {
    const silent = asked({ endCallMessage: "Thank you for calling." }).modelFinishes(asks("endCall"));
    expect(silent.did).toEqual(['say "Thank you for calling."']);
    const call = asked({ endCallMessage: "Thank you for calling." }).modelSays("Goodbye.");
    const own = call.lastSaid;
    call.modelFinishes(asks("endCall"));
    expect(call.wrote.slice(-2)).toEqual(["turn 1 answered", "assistant: Thank you for calling."]);
    expect(call.did).toEqual(["say no more", 'say "Thank you for calling."']);
    expect(call.playsOut(own).unchanged).toBe(true);
    expect(call.playsOut().state.name).toBe("ended");
  });

  it("waits for the other tools of its reply", () => {
    const call = asked().modelFinishes(asks("book"), asks("endCall"));
    expect(call.state.name).toBe("acting");
    expect(call.toolAnswers(1, "Booked.").wrote).toEqual([
      "tool 1 answered: Booked.",
      "turn 1 answered",
      "finished: assistant-ended by assistant",
    ]);
  });

  it("does not wait again for a goodbye that was heard while another tool was at work", () => {
    const call = asked().modelReplies("Goodbye.", asks("book"), asks("endCall")).playsOut();
    expect(call.state.name).toBe("acting");
    expect(call.toolAnswers(1, "Booked.").wrote.at(-1)).toBe("finished: assistant-ended by assistant");
  });

  it("does not wait for ever for its goodbye to be heard", () => {
    const call = asked()
      .modelReplies("Goodbye.", asks("endCall"))
      .waits(limits.closingMaxMs - 1)
      .wakes();
    expect(call.unchanged).toBe(true);
    expect(call.waits(1).wakes().wrote).toEqual(["finished: assistant-ended by assistant"]);
  });

  it("does not end the call from a reply that was discarded", () => {
    const call = asked().modelSays("Good").modelBeginsCall("endCall").hears("Wait!");
    const [discarded = ""] = call.replyIds;
    call.send({ type: "model-finished", replyId: discarded, toolCalls: [asks("endCall")] });
    expect(call.unchanged).toBe(true);
    expect(call.state.name).toBe("thinking");
  });

  it("does not end the call from a reply that failed", () => {
    const call = asked().modelSays("Good").modelBeginsCall("endCall");
    call.modelFails({ code: "unreachable", message: "Gone.", retryable: true });
    expect(call.state.name).toBe("listening");
  });

  it("does not end the call when its arguments are broken, or when it is not offered", () => {
    expect(asked().modelFinishes(asksBadly("endCall")).state.name).toBe("thinking");
    expect(asked({ builtIns: [] }).modelFinishes(asks("endCall")).wrote).toContain("tool 1 failed: not-sent");
  });
});

describe("callForward", () => {
  it("forwards when its words were heard: status forwarded, then finished", () => {
    const call = asked().modelReplies("I put you through.", asks("callForward")).playsOut();
    expect(call.wrote).toEqual(["forwarded to +49301234567", "finished: forwarded by assistant"]);
    expect(call.did).toEqual(["close"]);
  });

  it("forwards at once when there is nothing to be heard", () => {
    const call = asked({ endCallMessage: "Thank you." }).modelFinishes(asks("callForward"));
    expect(call.wrote.slice(-2)).toEqual(["forwarded to +49301234567", "finished: forwarded by assistant"]);
  });

  it("does not forward a user who leaves before the words were heard", () => {
    const call = asked().modelReplies("I put you through.", asks("callForward")).leaves();
    expect(call.wrote).toEqual(["finished: user-hung-up by user"]);
  });

  it("is answered with why it cannot be when there is no number", () => {
    const call = asked({ forwardTo: undefined }).modelFinishes(asks("callForward"));
    expect(call.wrote).toContain("tool 1 failed: not-sent");
    expect(call.given.at(-1)).toContain("no number to forward to");
    expect(call.state.name).toBe("thinking");
  });
});

describe("an end phrase", () => {
  const phrases = { endCallPhrases: ["Have a nice day"], endCallMessage: "Thank you." };

  it("ends the call when it was heard, without the endCallMessage", () => {
    const call = asked(phrases).modelReplies("Done. have a NICE day!");
    expect(call.wrote).toEqual(["reply 1 kept", "assistant: Done. have a NICE day!", "turn 1 answered"]);
    expect(call.did).toEqual(["say no more"]);
    expect(call.playsOut().wrote).toEqual(["finished: end-phrase by assistant"]);
  });

  it("may come in pieces", () => {
    const call = asked(phrases).modelSays("Have a ni").modelReplies("ce day");
    expect(call.state.name).toBe("closing");
  });

  it("is nothing when the user says it", () => {
    expect(connected(phrases).hears("Have a nice day").state.name).toBe("thinking");
  });

  it("is nothing in a reply that was cut", () => {
    const call = asked(phrases).modelSays("Have a nice day").hears("Wait!");
    expect(call.state.name).toBe("thinking");
  });

  it("waits for the tools of its reply", () => {
    const call = asked({ endCallPhrases: ["bye"] }).modelReplies("Bye.", asks("book"));
    expect(call.state.name).toBe("acting");
    call.toolAnswers(1, "Booked.");
    expect(call.did).not.toContain("ask model 2");
    expect(call.playsOut().wrote).toEqual(["finished: end-phrase by assistant"]);
  });
});

describe("the longest duration of a call", () => {
  it("counts from when the line stood", () => {
    const call = talk({ maxCallMs: 60_000 }).waits(5_000).connects().waits(59_999).wakes();
    expect(call.unchanged).toBe(true);
    expect(call.waits(1).wakes().wrote).toEqual(["finished: max-duration by system"]);
  });

  it("says the endCallMessage first, and ends when it was heard", () => {
    const call = connected({ maxCallMs: 60_000, endCallMessage: "Our time is up." }).waitsForDeadline();
    expect(call.wrote).toEqual(["assistant: Our time is up."]);
    expect(call.playsOut().wrote).toEqual(["finished: max-duration by system"]);
  });

  it.each([
    ["thinking", ["reply 1 discarded", "turn 1 call-ended"], ["stop model 1"]],
    [
      "replying",
      ["reply 1 discarded", "assistant (cut): Hi.", "turn 1 call-ended"],
      ["stop model 1", "hush"],
    ],
    ["acting", ["turn 1 call-ended"], []],
  ] as const)("stops what goes on while %s", (state, wrote, did) => {
    const call = scenes[state]({ maxCallMs: 3_000, endCallMessage: "Our time is up." }).waits(3_000).wakes();
    expect(call.wrote).toEqual([...wrote, "assistant: Our time is up."]);
    expect(call.did).toEqual([...did, 'say "Our time is up."']);
  });
});

describe("the history of a call that ends while tools are at work", () => {
  it("has a result for each tool call, and what was heard meanwhile, before the goodbye", () => {
    const call = connected({ maxCallMs: 3_000, endCallMessage: "Our time is up." }).hears("Hello");
    call
      .modelFinishes(asks("book"), asks("look"))
      .toolAnswers(1, "Booked.")
      .hears("Well?")
      .waitsForDeadline();
    expect(call.state.core.history.map(({ role }) => role)).toEqual([
      "user",
      "assistant",
      "tool",
      "tool",
      "user",
      "assistant",
    ]);
  });
});

describe("control end and forward", () => {
  it.each([
    ["queued", ["finished: canceled by system"]],
    ["listening", ["finished: control-ended by system"]],
    ["thinking", ["reply 1 discarded", "turn 1 call-ended", "finished: control-ended by system"]],
    [
      "replying",
      ["reply 1 discarded", "assistant (cut): Hi.", "turn 1 call-ended", "finished: control-ended by system"],
    ],
    ["acting", ["turn 1 call-ended", "finished: control-ended by system"]],
    ["closing", ["finished: control-ended by system"]],
  ] as const)("end, while %s, ends the call now", (state, wrote) => {
    const call = scenes[state]({ endCallMessage: state === "closing" ? "Bye." : "" }).control({
      type: "end",
    });
    expect(call.wrote).toEqual(["control end", ...wrote]);
    expect(call.did.at(-1)).toBe("close");
  });

  it.each([
    ["listening", []],
    ["thinking", ["reply 1 discarded", "turn 1 call-ended"]],
    ["replying", ["reply 1 discarded", "assistant (cut): Hi.", "turn 1 call-ended"]],
    ["acting", ["turn 1 call-ended"]],
  ] as const)("forward, while %s, forwards and then finishes", (state, wrote) => {
    const call = scenes[state]({ endCallMessage: "Thank you." }).control({
      type: "forward",
      phoneNumber: "+4989",
      name: "Front desk",
    });
    expect(call.wrote).toEqual([
      "control forward",
      ...wrote,
      "forwarded to +4989",
      "finished: forwarded by system",
    ]);
    expect(call.entries.at(-2)).toMatchObject({ forwardedTo: { phoneNumber: "+4989", name: "Front desk" } });
  });
});

describe("the line", () => {
  it("is waited for no longer than the limit", () => {
    const call = talk()
      .waits(limits.connectMaxMs - 1)
      .wakes();
    expect(call.unchanged).toBe(true);
    expect(call.waits(1).wakes().wrote).toEqual(["finished: channel-lost by system"]);
  });

  it("is closed by every end, once, as the last thing", () => {
    for (const scene of [
      scenes.queued,
      scenes.listening,
      scenes.thinking,
      scenes.replying,
      scenes.acting,
      scenes.closing,
    ]) {
      for (const call of [
        scene().leaves(),
        scene().loses(),
        scene().stops(),
        scene().control({ type: "end" }),
      ]) {
        expect(call.did.at(-1), call.story).toBe("close");
        expect(call.effects.filter(({ type }) => type === "close-channel")).toHaveLength(1);
      }
    }
  });
});
