import { describe, expect, it } from "vitest";
import { limits } from "./limits.ts";
import { scenes } from "./testing/scenes.ts";
import { asks, asksBadly } from "./testing/setup.ts";
import { connected, talk } from "./testing/talk.ts";

type Changes = NonNullable<Parameters<typeof connected>[0]>;

/** A call on a line that takes its time to say things. */
const asked = (changes: Changes = {}) => connected({ playback: "reported", ...changes }).hears("Bye");

describe("endCall", () => {
  it("ends the call when its goodbye was heard", () => {
    const call = asked().modelReplies("Goodbye.", asks("endCall"));
    expect(call.wrote).toEqual([
      "reply 1 kept",
      "tool 1 asked: endCall",
      "tool 1 answered: done",
      "turn 1 answered",
    ]);
    expect(call.state.name).toBe("closing");
    expect(call.playsOut().wrote).toEqual(["assistant: Goodbye.", "finished: assistant-ended by assistant"]);
    expect(call.did).toEqual(["close"]);
  });

  it("ends the call at once where everything is heard at once", () => {
    const call = asked({ playback: "instant", endCallMessage: "Thank you." });
    expect(call.modelReplies("Goodbye.", asks("endCall")).wrote).toEqual([
      "reply 1 kept",
      "assistant: Goodbye.",
      "tool 1 asked: endCall",
      "tool 1 answered: done",
      "turn 1 answered",
      "assistant: Thank you.",
      "finished: assistant-ended by assistant",
    ]);
  });

  it("is called off by who breaks in on the goodbye, and their words are answered", () => {
    const call = asked().modelReplies("Goodbye, and thank you.", asks("endCall")).plays("Goodbye,");
    expect(call.hears("Wait!").wrote).toEqual([
      "assistant (cut): Goodbye,",
      "turn 2 begins: user",
      "user: Wait!",
      "model asked for reply 2",
    ]);
    expect(call.given.slice(-3)).toEqual([
      "assistant: Goodbye,",
      "tool: It is done once your words were heard.",
      "user: Wait!",
    ]);
  });

  it("is called off too while its reply's other tools are at work", () => {
    const call = asked().modelReplies("Goodbye.", asks("book"), asks("endCall")).plays("Good").hears("Wait!");
    expect(call.toolAnswers(1, "Booked.").state.name).toBe("thinking");
  });

  it("is not called off by who only hums, nor where the user must not break in", () => {
    const hums = asked().modelReplies("Goodbye.", asks("endCall")).plays("Good").hears("Hmm");
    expect([hums.state.name, ...hums.wrote]).toEqual(["closing", "user: Hmm"]);
    const waits = asked({ bargeIn: false })
      .modelReplies("Goodbye.", asks("endCall"))
      .plays("Good")
      .hears("Wait!");
    expect([waits.state.name, ...waits.wrote]).toEqual(["closing", "user: Wait!"]);
  });

  it("is not ended by another message that was heard", () => {
    const welcome = { mode: "assistant-speaks-first", text: "Hello." } as const;
    const call = connected({ playback: "reported", welcome });
    const first = call.lastSaid;
    call.playsOut().hears("Bye").modelReplies("Goodbye.", asks("endCall")).playsOut(first);
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
    expect(call.wrote.at(-1)).toBe("turn 1 answered");
    expect(call.did).toEqual(["say no more", 'say "Thank you for calling."']);
    expect(call.playsOut(own).wrote).toEqual(["assistant: Goodbye."]);
    expect(call.playsOut().wrote[0]).toBe("assistant: Thank you for calling.");
    expect(call.state.name).toBe("ended");
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
    const call = asked().modelReplies("Goodbye.", asks("endCall")).plays("Good");
    call.waits(limits.playbackStallMaxMs - 1).wakes();
    expect(call.unchanged).toBe(true);
    expect(call.waits(1).wakes().wrote).toEqual([
      "assistant (cut): Good",
      "finished: assistant-ended by assistant",
    ]);
    const slow = asked().modelReplies("Goodbye.", asks("endCall"));
    for (let count = 1; count <= 7; count += 1)
      slow.waits(limits.closingMaxMs / 8).plays("Goodbye.".slice(0, count));
    expect(slow.waits(limits.closingMaxMs / 8).wakes().state.name).toBe("ended");
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
    expect(call.wrote).toEqual([
      "assistant: I put you through.",
      "forwarded to +49301234567",
      "finished: forwarded by assistant",
    ]);
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
    expect(call.wrote).toEqual(["reply 1 kept", "turn 1 answered"]);
    expect(call.did).toEqual(["say no more"]);
    expect(call.playsOut().wrote).toEqual([
      "assistant: Done. have a NICE day!",
      "finished: end-phrase by assistant",
    ]);
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
    expect(call.playsOut().wrote).toEqual(["assistant: Bye.", "finished: end-phrase by assistant"]);
  });
});

describe("the longest duration of a call", () => {
  it("counts from when the line stood", () => {
    const call = talk({ maxCallMs: 60_000 })
      .waits(5_000)
      .connects()
      .waits(20_000)
      .wakes()
      .waits(39_999)
      .wakes();
    expect(call.unchanged).toBe(true);
    expect(call.waits(1).wakes().wrote).toEqual(["finished: max-duration by system"]);
  });

  it("says the endCallMessage first, and ends when it was heard", () => {
    const call = connected({ playback: "reported", maxCallMs: 15_000, endCallMessage: "Our time is up." });
    expect(call.waitsForDeadline().did).toEqual(['say "Our time is up."']);
    expect(call.playsOut().wrote).toEqual(["assistant: Our time is up.", "finished: max-duration by system"]);
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
    expect(call.wrote).toEqual([...wrote, "assistant: Our time is up.", "finished: max-duration by system"]);
    expect(call.did).toEqual([...did, 'say "Our time is up."', "close"]);
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
