import { describe, expect, it } from "vitest";
import { axesOf } from "./axes.ts";
import { countWords } from "./floor.ts";
import { limits } from "./limits.ts";
import type { Setup } from "./state.ts";
import { asks } from "./testing/setup.ts";
import { connected, type Talk } from "./testing/talk.ts";

const voice = (changes: Partial<Setup> = {}): Talk => connected({ playback: "reported", ...changes });
const speaking = (changes: Partial<Setup> = {}): Talk =>
  voice(changes).hears("Hello").modelReplies("Good day, how are you?").plays("Good day,");
const skippedIn = (call: Talk): unknown =>
  call.entries.findLast((entry) => entry.type === "message-added")?.message.skippedAssistantMessages;

describe("what was heard", () => {
  it("is written when it was heard to its end, and ends the turn", () => {
    const call = voice().hears("Hello").modelReplies("Good day.");
    expect([call.state.name, ...call.wrote]).toEqual(["speaking", "reply 1 kept"]);
    expect(call.plays("Good").wrote).toEqual([]);
    expect([call.playsOut().state.name, ...call.wrote]).toEqual([
      "listening",
      "assistant: Good day.",
      "turn 1 answered",
    ]);
  });

  it("is what is written, remembered and named when the user breaks in", () => {
    const call = speaking().hears("Stop");
    expect(call.wrote).toEqual([
      "assistant (cut): Good day,",
      "turn 1 interrupted",
      "turn 2 begins: user",
      "user: Stop",
      "model asked for reply 2",
    ]);
    expect(call.given.slice(1)).toEqual(["user: Hello", "assistant: Good day,", "user: Stop"]);
    expect(skippedIn(call)).toEqual([call.lastSaid]);
  });

  it("is nothing when the user breaks in before a sound", () => {
    const call = voice().hears("Hello").modelReplies("Good day.").hears("Stop");
    expect(call.given.slice(1)).toEqual(["user: Hello", "user: Stop"]);
    expect(skippedIn(call)).toBeUndefined();
  });

  it("is cut out of a reply whose tools go on, and their answers still come after it", () => {
    const call = voice()
      .hears("Book it")
      .modelReplies("One moment, please.", asks("book"))
      .plays("One moment,");
    expect(call.hears("For two").wrote).toEqual([
      "assistant (cut): One moment,",
      "turn 1 interrupted",
      "turn 2 begins: user",
      "user: For two",
    ]);
    expect(call.toolAnswers(1, "Booked.").given.slice(2)).toEqual([
      "assistant: One moment,",
      "tool: Booked.",
      "user: For two",
    ]);
  });

  it("is written before the user who hangs up in the middle of it", () => {
    expect(speaking().leaves().wrote).toEqual([
      "assistant (cut): Good day,",
      "turn 1 call-ended",
      "finished: user-hung-up by user",
    ]);
  });

  it("counts for two messages, one after the other", () => {
    const call = voice().control({ type: "say", message: "First." });
    const first = call.lastSaid;
    call.control({ type: "say", message: "Second." });
    expect(call.did).toEqual([]);
    expect(call.playsOut(first).did).toEqual(['say "Second."']);
  });

  it("never goes back, nor beyond what was said", () => {
    const call = speaking().plays("Good");
    expect(call.unchanged).toBe(true);
    expect(call.plays("x".repeat(99)).hears("Stop").journal).toContain("assistant: Good day, how are you?");
  });
});

describe("a voice on the user's side", () => {
  it("makes the assistant hold its tongue, and nothing more until there are words", () => {
    const call = speaking().begins();
    expect([...call.did, ...call.wrote]).toEqual(["pause"]);
    expect(axesOf(call.state)).toEqual({ assistant: "listening", user: "speaking" });
    expect(call.hears("Stop").did).toEqual(["hush", "resume", "ask model 2"]);
  });

  it("that was nothing lets it go on from where it was heard", () => {
    const call = speaking().begins().fallsSilent();
    expect([...call.did, ...call.wrote]).toEqual(["resume"]);
    expect(axesOf(call.state)).toEqual({ assistant: "speaking", user: "listening" });
    expect(call.playsOut().wrote).toEqual(["assistant: Good day, how are you?", "turn 1 answered"]);
  });

  it("that never ends is taken for nothing after its limit", () => {
    const call = speaking()
      .begins()
      .waits(limits.userSpeechMaxMs - 1)
      .wakes();
    expect(call.unchanged).toBe(true);
    expect(call.waits(1).wakes().did).toEqual(["resume"]);
  });

  it("that goes on with new words is no voice without them", () => {
    const call = speaking()
      .begins()
      .waits(limits.userSpeechMaxMs - 1)
      .utters("I had a long day")
      .waits(2)
      .wakes();
    expect(call.unchanged).toBe(true);
  });

  it("that came before a sound has the floor, also of an assistant that may not be interrupted", () => {
    const call = voice({ bargeIn: false }).hears("Hello").begins().modelReplies("Good day.");
    expect([call.state.name, ...call.hears("Wait").did]).toEqual(["held", "hush", "resume", "ask model 2"]);
  });

  it("is not hung up on during the assistant's own goodbye", () => {
    const call = voice().hears("Bye").modelReplies("Goodbye.", asks("endCall")).plays("Good").begins();
    for (let count = 0; count < 4; count += 1)
      call
        .waits(limits.closingMaxMs / 2)
        .utters("and then")
        .wakes();
    expect(call.state.name).toBe("closing");
    expect(call.hears("and then I forgot").state.name).toBe("thinking");
  });

  it("does not stop an assistant that may not be interrupted", () => {
    const call = speaking({ bargeIn: false }).begins();
    expect(call.did).toEqual([]);
    expect(axesOf(call.state)).toEqual({ assistant: "speaking", user: "speaking" });
    expect(call.hears("Stop").wrote).toEqual(["user (waits): Stop"]);
    expect(call.playsOut().given.at(-1)).toBe("user: Stop");
  });

  it("does not stop a welcome that may not be interrupted, but all that follows it", () => {
    const welcome = { mode: "assistant-speaks-first", text: "Welcome to the clinic." } as const;
    const call = voice({ welcome, welcomeBargeIn: false }).plays("Welcome").begins().hears("Hello?");
    expect(call.effects.map(({ type }) => type)).toEqual(["say"]);
    expect(call.playsOut().given.at(-1)).toBe("user: Hello?");
    expect(call.modelReplies("Good day.").plays("Good").hears("Stop").wrote).toContain(
      "assistant (cut): Good",
    );
  });

  it("does not stop a welcome that the model writes either, where it may not be interrupted", () => {
    const welcome = { mode: "automatic", text: "" } as const;
    const call = voice({ welcome, welcomeBargeIn: false })
      .modelReplies("Welcome.")
      .plays("Wel")
      .hears("Hello?");
    expect(call.wrote).toEqual(["user (waits): Hello?"]);
    expect(call.playsOut().wrote.slice(0, 3)).toEqual([
      "assistant: Welcome.",
      "turn 1 answered",
      "turn 2 begins: user",
    ]);
  });

  it("holds a whole reply back: nothing of it is sent until the user turns out to have said nothing", () => {
    const call = voice().hears("Book it").modelSays("I will.").begins().modelFinishes(asks("book"));
    expect([call.state.name, ...call.did]).toEqual(["held"]);
    expect(call.fallsSilent().did).toEqual(["resume", "say no more", "ask tool 1 book {}"]);
  });

  it("with words makes the tool calls of a held reply nothing", () => {
    const call = voice()
      .hears("Book it")
      .modelSays("I will.")
      .begins()
      .modelFinishes(asks("book"), asks("endCall"));
    expect(call.hears("No, wait").did).toEqual(["hush", "resume", "ask model 2"]);
    expect(call.journal.filter((line) => line.startsWith("tool"))).toEqual([]);
  });

  it("makes a tool's result wait for the pause", () => {
    const call = voice().hears("Book it").modelFinishes(asks("book")).begins().toolAnswers(1, "Booked.");
    expect([call.state.name, ...call.wrote, ...call.did]).toEqual(["acting", "tool 1 answered: Booked."]);
    expect(call.fallsSilent().wrote).toEqual(["model asked for reply 2"]);
  });

  it("makes a result and the user's words be answered together", () => {
    const call = voice().hears("Book it").modelFinishes(asks("book")).begins().toolAnswers(1, "Booked.");
    expect(call.hears("For two").wrote).toEqual([
      "turn 1 interrupted",
      "turn 2 begins: user",
      "user: For two",
      "model asked for reply 2",
    ]);
    expect(call.given.slice(-2)).toEqual(["tool: Booked.", "user: For two"]);
  });

  it("keeps a hang away, and the clock starts again at the pause", () => {
    const call = voice().hears("Hello").waits(4_000).begins().waits(4_000).wakes();
    expect(call.unchanged).toBe(true);
    call.fallsSilent().waits(4_999).wakes();
    expect(call.wrote).toEqual([]);
    expect(call.waits(1).wakes().wrote).toEqual(["hang: model, 5000 ms"]);
  });
});

describe("how many words break in", () => {
  const three = { wordsToBreakIn: 3 };

  it("stops the assistant when there are enough of them, not for a voice alone", () => {
    const call = speaking(three).begins();
    expect(call.did).toEqual([]);
    expect(call.utters("No wait").did).toEqual([]);
    expect(call.utters("No wait please").did).toEqual(["pause"]);
    expect(call.hears("No wait please").wrote[0]).toBe("assistant (cut): Good day,");
  });

  it("lets fewer wait, and answers them after what is said", () => {
    const call = speaking(three).hears("Two words");
    expect([...call.wrote, ...call.did]).toEqual(["user (waits): Two words"]);
    expect(call.playsOut().wrote.slice(2)).toEqual(["turn 2 begins: user", "model asked for reply 2"]);
    expect(call.given.at(-1)).toBe("user: Two words");
  });

  it("does not matter while nothing can be heard", () => {
    expect(voice(three).hears("Hello").hears("Stop").did).toEqual(["stop model 1", "ask model 2"]);
    expect(voice(three).hears("Hello").modelSays("Good day").begins().did).toEqual(["pause"]);
  });

  it.each([
    ["", 0],
    ["  ?! ", 0],
    ["Stop", 1],
    ["don't stop", 2],
    ["今日は元気です", 4],
  ] as const)("counts %j as %i", (text, count) => {
    expect(countWords(text)).toBe(count);
  });
});

describe("an acknowledgement", () => {
  it.each(["Uh-huh.", "uh huh", "HMM!"])("%s is recorded, and stops nothing", (text) => {
    const call = speaking().hears(text);
    expect([call.state.name, ...call.wrote, ...call.did]).toEqual(["speaking", `user: ${text}`]);
    expect(call.playsOut().wrote).toEqual(["assistant: Good day, how are you?", "turn 1 answered"]);
  });

  it("lets an assistant that held its tongue go on", () => {
    expect(speaking().begins().hears("uh-huh").did).toEqual(["resume"]);
  });

  it("lets a held reply be kept", () => {
    const call = voice()
      .hears("Book it")
      .modelSays("I will.")
      .plays("I")
      .begins()
      .modelFinishes(asks("book"));
    expect(call.hears("hmm").did).toEqual(["resume", "say no more", "ask tool 1 book {}"]);
  });

  it("is an answer like any other while nothing is heard", () => {
    expect(voice().hears("uh-huh").wrote).toContain("model asked for reply 1");
    expect(voice().hears("Hello").modelSays("Well").hears("hmm").wrote).toContain("turn 2 begins: user");
  });

  it("is known to the model afterwards", () => {
    const call = speaking().hears("uh-huh").playsOut().hears("Fine");
    expect(call.given.slice(-3)).toEqual(["assistant: Good day, how are you?", "user: uh-huh", "user: Fine"]);
  });

  it("keeps its place behind words that wait", () => {
    const call = speaking({ wordsToBreakIn: 3 }).hears("Two words").hears("hmm").playsOut();
    expect(call.journal.filter((line) => line.startsWith("user"))).toEqual([
      "user: Hello",
      "user (waits): Two words",
      "user: hmm",
    ]);
    expect(call.given.slice(-2)).toEqual(["user: Two words", "user: hmm"]);
  });
});

describe("a channel that plays nothing", () => {
  it("is a hang with the phase speech, and its recovery when it goes on", () => {
    const call = voice().hears("Hello").modelReplies("Good day.").waits(5_000).wakes();
    expect(call.wrote).toEqual(["hang: speech, 5000 ms"]);
    expect(call.waits(1_000).plays("Good").wrote).toEqual(["recovered after 6000 ms"]);
  });

  it("is given up after its limit: an error, and the turn fails", () => {
    const call = voice().hears("Hello").modelReplies("Good day.").plays("Good").waitsForDeadline();
    expect(call.wrote).toEqual(["hang: speech, 5000 ms"]);
    expect(call.waitsForDeadline().wrote).toEqual([
      "tts_error: stalled",
      "assistant (cut): Good",
      "turn 1 failed",
    ]);
    expect(call.state.name).toBe("listening");
  });

  it("ends a reply that is still coming", () => {
    const call = voice().hears("Hello").modelSays("Good day");
    call.waits(limits.playbackStallMaxMs).wakes().wakes();
    expect(call.did).toEqual(["stop model 1", "hush"]);
    expect(call.state.name).toBe("listening");
  });

  it("leaves tools at work alone", () => {
    const call = voice().hears("Hello").modelReplies("One moment.", asks("book"));
    call.waits(limits.playbackStallMaxMs).wakes().wakes();
    expect([call.state.name, ...call.wrote]).toEqual(["acting", "tts_error: stalled"]);
  });

  it("is not waited for while the user has the floor", () => {
    const call = speaking().begins().waits(limits.playbackStallMaxMs).wakes();
    expect(call.unchanged).toBe(true);
  });
});
