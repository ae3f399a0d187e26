import { describe, expect, it } from "vitest";
import { limits } from "./limits.ts";
import { asks } from "./testing/setup.ts";
import { connected, talk } from "./testing/talk.ts";

describe("the user's words while the call is queued", () => {
  it("are answered as soon as the line stands", () => {
    const call = talk().hears("Hello?");
    expect(call.wrote).toEqual(["user (waits): Hello?"]);
    expect(call.connects().wrote).toEqual(["ongoing", "turn 1 begins: user", "model asked for reply 1"]);
    expect(call.given).toEqual(["system: Be kind.", "user: Hello?"]);
  });
});

describe("the user's words while the model is asked", () => {
  it("drop the request, and a new turn answers both", () => {
    const call = connected().hears("Hello").hears("Are you open?");
    expect(call.wrote).toEqual([
      "reply 1 discarded",
      "turn 1 interrupted",
      "turn 2 begins: user",
      "user: Are you open?",
      "model asked for reply 2",
    ]);
    expect(call.did).toEqual(["stop model 1", "ask model 2"]);
    expect(call.given).toEqual(["system: Be kind.", "user: Hello", "user: Are you open?"]);
  });

  it("make everything that still comes from the dropped request nothing", () => {
    const call = connected().hears("Hello").hears("Goodbye");
    const [dropped] = call.replyIds;
    expect(call.modelSays("Hi", dropped).unchanged).toBe(true);
    expect(call.modelBeginsCall("book", dropped).unchanged).toBe(true);
    for (const name of ["book", "endCall"]) {
      call.send({ type: "model-finished", replyId: dropped ?? "", toolCalls: [asks(name)] });
      expect(call.unchanged).toBe(true);
    }
  });
});

describe("the user's words while a reply is said", () => {
  it("cut it where it was heard, in a chat all that was given", () => {
    const call = connected().hears("Hello").modelSays("Good day, I ").modelSays("am").hears("Stop");
    expect(call.wrote).toEqual([
      "reply 1 discarded",
      "assistant (cut): Good day, I am",
      "turn 1 interrupted",
      "turn 2 begins: user",
      "user: Stop",
      "model asked for reply 2",
    ]);
    expect(call.did).toEqual(["stop model 1", "hush", "ask model 2"]);
    expect(call.given).toEqual([
      "system: Be kind.",
      "user: Hello",
      "assistant: Good day, I am",
      "user: Stop",
    ]);
  });

  it("leave nothing behind of a reply that had only begun a tool call", () => {
    const call = connected().hears("Hello").modelBeginsCall("book").hears("Wait");
    expect(call.wrote).toEqual([
      "reply 1 discarded",
      "turn 1 interrupted",
      "turn 2 begins: user",
      "user: Wait",
      "model asked for reply 2",
    ]);
    expect(call.modelFinishes().did).not.toContain("ask tool 1 book {}");
  });

  it("wait for its end where the user must not break in", () => {
    const call = connected({ bargeIn: false }).hears("Hello").modelSays("Good ").hears("Stop");
    expect(call.wrote).toEqual(["user (waits): Stop"]);
    expect(call.did).toEqual([]);
    call.modelReplies("day.");
    expect(call.wrote).toEqual([
      "reply 1 kept",
      "assistant: Good day.",
      "turn 1 answered",
      "turn 2 begins: user",
      "model asked for reply 2",
    ]);
    expect(call.given.slice(-2)).toEqual(["assistant: Good day.", "user: Stop"]);
  });

  it("wait for the tools too, when the reply asks for some and the user must not break in", () => {
    const call = connected({ bargeIn: false }).hears("Hello").modelSays("Wait.").hears("Why?");
    call.modelFinishes(asks("book")).toolAnswers(1, "Booked.").modelReplies("It is done.");
    expect(call.wrote).toContain("turn 2 begins: user");
    expect(call.given.slice(-3)).toEqual(["tool: Booked.", "assistant: It is done.", "user: Why?"]);
  });

  it("drop the request all the same while nothing is said yet, though the user must not break in", () => {
    const call = connected({ bargeIn: false }).hears("Hello").hears("Hello?");
    expect(call.did).toEqual(["stop model 1", "ask model 2"]);
  });

  it("are all answered in one turn when they waited", () => {
    const call = connected({ bargeIn: false }).hears("Hello").modelSays("Good ").hears("one").hears("two");
    call.modelFinishes();
    expect(call.wrote.slice(3)).toEqual(["turn 2 begins: user", "model asked for reply 2"]);
    expect(call.given.slice(-3)).toEqual(["assistant: Good ", "user: one", "user: two"]);
  });

  it("stay in the order of saying when more come while they are being answered", () => {
    const call = connected({ bargeIn: false }).hears("Hello").modelSays("Good ").hears("one").hears("two");
    call.modelFinishes().hears("three");
    expect(call.given.slice(-3)).toEqual(["user: one", "user: two", "user: three"]);
  });

  it("share one place on the agenda, however many they are", () => {
    const call = connected({ bargeIn: false }).hears("Hello").modelSays("Good ");
    for (let waiting = 1; waiting <= limits.agendaMax; waiting += 1) call.hears(`waiting ${waiting}`);
    expect(call.hears("one more").wrote).toEqual(["user (waits): one more"]);
    expect(call.state.core.agenda).toHaveLength(1);
    expect(call.modelFinishes().given.at(-1)).toBe("user: one more");
    expect(call.given).toHaveLength(limits.agendaMax + 4);
  });

  it("come before a reply that waits for its turn: one with a cause of its own does not answer them", () => {
    const call = connected({ bargeIn: false }).hears("Hello").modelSays("Good ");
    call.control({ type: "add-message", role: "system", text: "Ann is here.", respond: true }).hears("Well?");
    expect(call.modelFinishes().wrote).toContain("turn 2 begins: control");
    expect(call.modelReplies("Hello, Ann.").wrote).toContain("turn 3 begins: user");
    expect(call.given.slice(-2)).toEqual(["assistant: Hello, Ann.", "user: Well?"]);
  });
});

describe("the user's words while tools are at work", () => {
  const acting = () => connected().hears("Book it").modelReplies("One moment.", asks("book"));

  it("are written at once, in a new turn, and the tools go on", () => {
    const call = acting().hears("For two");
    expect(call.wrote).toEqual(["turn 1 interrupted", "turn 2 begins: user", "user: For two"]);
    expect(call.did).toEqual([]);
    expect(call.state.name).toBe("acting");
  });

  it("are answered when the tools are done, after their results", () => {
    const call = acting().hears("For two").hears("No, three").toolAnswers(1, "Booked.");
    expect(call.wrote).toEqual(["tool 1 answered: Booked.", "model asked for reply 2"]);
    expect(call.given).toEqual([
      "system: Be kind.",
      "user: Book it",
      "assistant: One moment.",
      "tool: Booked.",
      "user: For two",
      "user: No, three",
    ]);
    expect(call.modelReplies("Done.").wrote).toContain("turn 3 answered");
  });

  it("do not turn the end of the call, which the assistant has decided, back", () => {
    const call = connected()
      .hears("Book it, bye")
      .modelReplies("Bye.", asks("book"), asks("endCall"))
      .hears("Wait");
    expect(call.wrote).toEqual(["user: Wait"]);
    call.toolAnswers(1, "Booked.").playsOut();
    expect(call.state.name).toBe("ended");
  });
});

describe("the user's words at the end", () => {
  it("are written while the last words are heard, and not answered", () => {
    const call = connected({ playback: "reported", endCallMessage: "Our time is up.", maxCallMs: 3_000 });
    call.waitsForDeadline().plays("Our").hears("Thanks");
    expect(call.wrote).toEqual(["user: Thanks"]);
    expect(call.did).toEqual([]);
    expect(call.state.name).toBe("closing");
  });

  it("are written though the line never stood", () => {
    const call = talk().hears("Hello?").leaves();
    expect(call.journal).toEqual(["user (waits): Hello?", "finished: canceled by user"]);
  });

  it.each([
    ["leaves", "finished: user-hung-up by user"],
    ["loses", "finished: channel-lost by system"],
    ["stops", "finished: server-stopped by system"],
  ] as const)("are written once, though the call %s while they wait", (end, finished) => {
    const call = connected({ bargeIn: false }).hears("Hello").modelSays("Good ").hears("Bye.");
    expect(call[end]().wrote.at(-1)).toBe(finished);
    expect(call.journal.filter((line) => line.endsWith("Bye."))).toEqual(["user (waits): Bye."]);
    expect(call.state.core.history.at(-1)).toEqual({ role: "user", text: "Bye." });
  });

  it("are written once when they wait for a reply that ends the call", () => {
    const call = connected({ bargeIn: false }).hears("Bye").modelSays("Goodbye.").hears("Wait!");
    call.modelFinishes(asks("endCall")).playsOut();
    expect(call.journal.filter((line) => line.endsWith("Wait!"))).toEqual(["user (waits): Wait!"]);
    expect(call.state.core.history.at(-1)).toEqual({ role: "user", text: "Wait!" });
  });
});

describe("the user's words while the assistant is muted", () => {
  it("are written and not answered", () => {
    const call = connected().control({ type: "mute" }).hears("Anybody there?");
    expect(call.wrote).toEqual(["user: Anybody there?"]);
    expect(call.did).toEqual([]);
    expect(call.state.name).toBe("listening");
  });

  it("are known to the model once it is asked again", () => {
    const call = connected()
      .control({ type: "mute" })
      .hears("I am Ann")
      .control({ type: "unmute" })
      .hears("Hello?");
    expect(call.given).toEqual(["system: Be kind.", "user: I am Ann", "user: Hello?"]);
  });

  it("are written when they come before the line stands", () => {
    const call = talk().control({ type: "mute" }).hears("Hello?");
    expect(call.wrote).toEqual(["user: Hello?"]);
    expect(call.connects().wrote).toEqual(["ongoing"]);
    expect(call.state.core.history).toEqual([{ role: "user", text: "Hello?" }]);
  });

  const asked = () => connected({ bargeIn: false }).hears("Hello").modelSays("Good ");

  it("are not answered when they were said over a reply, and come after it", () => {
    const call = asked().control({ type: "mute" }).hears("I am Ann");
    expect(call.wrote).toEqual(["user: I am Ann"]);
    expect(call.control({ type: "unmute" }).modelFinishes().state.name).toBe("listening");
    expect(call.state.core.history.slice(-1)).toEqual([{ role: "user", text: "I am Ann" }]);
  });

  it("are not answered either when they waited as it was muted", () => {
    const call = asked().hears("I am Ann").control({ type: "mute" }).control({ type: "unmute" });
    expect(call.modelFinishes().state.name).toBe("listening");
    expect(call.hears("Hello?").given.slice(-3)).toEqual([
      "assistant: Good ",
      "user: I am Ann",
      "user: Hello?",
    ]);
  });

  it("are written without a new turn while tools are at work", () => {
    const call = connected()
      .hears("Book it")
      .modelFinishes(asks("book"))
      .control({ type: "mute" })
      .hears("For two");
    expect(call.wrote).toEqual(["user: For two"]);
    expect(call.toolAnswers(1, "Booked.").given.slice(-2)).toEqual(["tool: Booked.", "user: For two"]);
  });
});
