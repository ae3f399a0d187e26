import { describe, expect, it } from "vitest";
import { limits } from "./limits.ts";
import { asks, tool, toolElsewhere } from "./testing/setup.ts";
import { connected } from "./testing/talk.ts";

const asked = () => connected().hears("Book it");

describe("a tool", () => {
  it("is written before it is sent, under an id of ours beside the model's", () => {
    const call = asked().modelReplies("One moment.", asks("book", { day: "Monday" }, "call_7"));
    expect(call.wrote).toEqual(["reply 1 kept", "assistant: One moment.", "tool 1 asked: book"]);
    expect(call.did).toEqual(["say no more", 'ask tool 1 book {"day":"Monday"}']);
    expect(call.entries.at(-1)).toMatchObject({
      modelCallId: "call_7",
      arguments: { day: "Monday" },
      async: false,
    });
    expect(call.toolCallId(1)).not.toBe("call_7");
  });

  it("is not sent while its reply is still coming", () => {
    expect(asked().modelBeginsCall("book").did).toEqual([]);
  });

  it("gives its result to the model, as text as it is and otherwise as JSON", () => {
    const call = asked().modelFinishes(asks("book", {}, "a"), asks("look", {}, "b"));
    call.toolAnswers(1, "Booked.").toolAnswers(2, { free: 3 });
    expect(call.request?.messages.slice(-2)).toEqual([
      { role: "tool", toolCallId: "a", name: "book", text: "Booked." },
      { role: "tool", toolCallId: "b", name: "look", text: '{"free":3}' },
    ]);
  });

  it("shows the model its own calls before their results", () => {
    const call = asked()
      .modelReplies("One moment.", asks("book", { day: "Monday" }, "a"))
      .toolAnswers(1, "Booked.");
    expect(call.request?.messages.at(-2)).toEqual({
      role: "assistant",
      text: "One moment.",
      toolCalls: [{ id: "a", name: "book", arguments: '{"day":"Monday"}' }],
    });
  });

  it("is recorded with how long it took", () => {
    const call = asked().modelFinishes(asks("book")).waits(700).toolAnswers(1, "Booked.");
    expect(call.entries.find(({ type }) => type === "tool-answered")).toMatchObject({
      name: "book",
      elapsedMs: 700,
    });
  });

  it("that fails is told to the model and to the application", () => {
    const call = asked().modelFinishes(asks("book"));
    call.toolEnds(1, { kind: "error", code: "http-500", error: "The tool answered 500." });
    expect(call.wrote).toEqual([
      "tool 1 failed: http-500",
      "tool_error: http-500",
      "model asked for reply 2",
    ]);
    expect(call.given.at(-1)).toBe('tool: {"error":"The tool answered 500."}');
  });

  it.each([0, 9])("that nobody asked (%i) can answer nothing", (count) => {
    expect(asked().modelFinishes(asks("book")).toolAnswers(count, "Booked.").unchanged).toBe(true);
  });

  it("answers once", () => {
    const call = asked()
      .modelFinishes(asks("book"), asks("look"))
      .toolAnswers(1, "Booked.")
      .toolAnswers(1, "Twice.");
    expect(call.unchanged).toBe(true);
  });
});

describe("several tools of one reply", () => {
  it("are all sent at once, and the model is asked when the last has answered", () => {
    const call = asked().modelFinishes(asks("book"), asks("look"));
    expect(call.did).toEqual(["ask tool 1 book {}", "ask tool 2 look {}"]);
    expect(call.toolAnswers(2, "second").wrote).toEqual(["tool 2 answered: second"]);
    expect(call.state.name).toBe("acting");
    expect(call.toolAnswers(1, "first").wrote).toEqual(["tool 1 answered: first", "model asked for reply 2"]);
  });

  it("join the history in the order of the calls, whoever answered first", () => {
    const call = asked().modelFinishes(
      asks("book", {}, "a"),
      asks("look", {}, "b"),
      asks("book", { day: "Friday" }, "c"),
    );
    call.toolAnswers(3, "third").toolAnswers(1, "first").toolAnswers(2, "second");
    expect(call.given.slice(-3)).toEqual(["tool: first", "tool: second", "tool: third"]);
  });

  it("are sent up to a limit; the rest is answered with why it was not", () => {
    const many = Array.from({ length: limits.toolCallsPerReplyMax + 1 }, (_, at) =>
      asks("book", { at }, `call_${at}`),
    );
    const call = asked().modelFinishes(...many);
    expect(call.did).toHaveLength(limits.toolCallsPerReplyMax);
    expect(call.wrote).toContain(`tool ${limits.toolCallsPerReplyMax + 1} failed: not-sent`);
    for (let count = 1; count <= limits.toolCallsPerReplyMax; count += 1) call.toolAnswers(count, "ok");
    expect(call.given.filter((line) => line.startsWith("tool:"))).toHaveLength(
      limits.toolCallsPerReplyMax + 1,
    );
    expect(call.given.at(-1)).toContain("More than 16 tool calls");
  });
});

describe("a tool call that cannot be sent", () => {
  it("for an unknown name is answered to the model as a stated error", () => {
    const call = asked().modelFinishes(asks("dance"));
    expect(call.wrote).toEqual([
      "reply 1 kept",
      "tool 1 asked: dance",
      "tool 1 failed: not-sent",
      "tool_error: not-sent",
      "model asked for reply 2",
    ]);
    expect(call.did).toEqual(["ask model 2"]);
    expect(call.given.at(-1)).toContain("There is no tool named dance.");
  });

  it("for an unknown name tells which tools there are", () => {
    expect(asked().modelFinishes(asks("dance")).given.at(-1)).toContain(
      "book, look, mail, endCall, callForward",
    );
    expect(
      connected({ tools: [], builtIns: [] }).hears("x").modelFinishes(asks("dance")).given.at(-1),
    ).toContain("There are none.");
  });

  it("stands beside one that can, each with its own result", () => {
    const call = asked().modelFinishes(asks("dance"), asks("book")).toolAnswers(2, "Booked.");
    expect(call.given.slice(-1)).toEqual(["tool: Booked."]);
    expect(call.given.at(-2)).toContain("There is no tool named dance.");
  });
});

describe("rounds", () => {
  it("follow each other within one turn", () => {
    const call = asked().modelFinishes(asks("look")).toolAnswers(1, "free").modelFinishes(asks("book"));
    call.toolAnswers(2, "Booked.").modelReplies("It is done.");
    expect(call.journal.filter((line) => line.startsWith("turn"))).toEqual([
      "turn 1 begins: user",
      "turn 1 answered",
    ]);
    expect(call.journal.filter((line) => line.startsWith("model asked"))).toHaveLength(3);
  });

  it("end after so many with tools: then the model is asked without any, so that it must speak", () => {
    const call = asked();
    for (let round = 1; round <= limits.roundsMax; round += 1) {
      expect(call.did).toEqual([`ask model ${round}`]);
      call.modelFinishes(asks("look")).toolAnswers(round, "busy");
    }
    expect(call.did).toEqual([`ask model ${limits.roundsMax + 1} without tools`]);
    expect(call.modelReplies("I cannot.").wrote).toContain("turn 1 answered");
  });

  it("without tools send none, though the model calls one all the same", () => {
    const call = asked();
    for (let round = 1; round <= limits.roundsMax; round += 1)
      call.modelFinishes(asks("look")).toolAnswers(round, "busy");
    call.modelReplies("I cannot.", asks("look"), asks("endCall"));
    expect(call.wrote).toEqual([
      `reply ${limits.roundsMax + 1} kept`,
      "assistant: I cannot.",
      "turn 1 answered",
    ]);
    expect(call.did).toEqual(["say no more"]);
    expect(call.state.name).toBe("listening");
  });

  it("without tools fail when the model calls one and says nothing", () => {
    const call = asked();
    for (let round = 1; round <= limits.roundsMax; round += 1)
      call.modelFinishes(asks("look")).toolAnswers(round, "busy");
    call.modelFinishes(asks("look"));
    expect(call.wrote.slice(-2)).toEqual(["llm_error: bad-answer", "turn 1 failed"]);
    expect(call.did).not.toContain(`ask tool ${limits.roundsMax + 1} look {}`);
  });

  it("begin anew with the turn of what the user says while tools are at work", () => {
    const call = asked();
    for (let round = 1; round < limits.roundsMax; round += 1)
      call.modelFinishes(asks("look")).toolAnswers(round, "busy");
    call.modelFinishes(asks("look")).hears("Try Monday").toolAnswers(limits.roundsMax, "busy");
    expect(call.did).toEqual([`ask model ${limits.roundsMax + 1}`]);
  });

  it("are counted anew in the next turn", () => {
    const call = asked();
    for (let round = 1; round <= limits.roundsMax; round += 1)
      call.modelFinishes(asks("look")).toolAnswers(round, "busy");
    expect(call.modelReplies("I cannot.").hears("Again").did).toEqual([`ask model ${limits.roundsMax + 2}`]);
  });
});

describe("a tool that takes too long", () => {
  it("is given up after the server's own timeout and some grace, and the model is told", () => {
    const call = connected({ hangThresholdMs: 600_000 }).hears("Book").modelFinishes(asks("book"));
    expect(call.waits(20_000 + limits.toolGraceMs - 1).wakes().unchanged).toBe(true);
    call.waits(1).wakes();
    expect(call.wrote).toEqual([
      "tool 1 failed: timed-out",
      "tool_error: timed-out",
      "model asked for reply 2",
    ]);
  });

  it("has the time that its own server is given", () => {
    const slow = connected({ tools: [toolElsewhere("book", 60)], hangThresholdMs: 600_000 });
    slow
      .hears("Book")
      .modelFinishes(asks("book"))
      .waits(60_000 + limits.toolGraceMs - 1);
    expect(slow.wakes().unchanged).toBe(true);
    expect(slow.waits(1).wakes().wrote).toContain("tool 1 failed: timed-out");
  });

  it("is given up alone; the others are waited for", () => {
    const call = connected({ tools: [tool("book"), toolElsewhere("slow", 60)], hangThresholdMs: 600_000 });
    call.hears("Book").modelFinishes(asks("slow"), asks("book")).waitsForDeadline();
    expect(call.wrote).toEqual(["tool 2 failed: timed-out", "tool_error: timed-out"]);
    expect(call.state.name).toBe("acting");
  });

  it("cannot answer any more when it was given up", () => {
    const call = connected({ hangThresholdMs: 600_000 })
      .hears("Book")
      .modelFinishes(asks("book"))
      .waitsForDeadline();
    expect(call.toolAnswers(1, "Booked.").unchanged).toBe(true);
  });
});

describe("a tool whose answer comes late", () => {
  it("is recorded when the call has ended, and nothing comes of it", () => {
    const call = asked().modelFinishes(asks("book")).leaves().waits(900).toolAnswers(1, "Booked.");
    expect(call.wrote).toEqual(["tool 1 answered: Booked."]);
    expect(call.did).toEqual([]);
    expect(call.entries.at(-1)).toMatchObject({ elapsedMs: 900 });
    expect(call.toolAnswers(1, "Twice.").unchanged).toBe(true);
  });

  it("is recorded without a word to the application when it failed after the end", () => {
    const call = asked().modelFinishes(asks("book")).leaves();
    expect(call.toolEnds(1, { kind: "error", code: "timed-out", error: "Late." }).wrote).toEqual([
      "tool 1 failed: timed-out",
    ]);
  });

  it("is recorded while the goodbye is heard", () => {
    const call = connected({ playback: "reported", endCallMessage: "Time is up.", maxCallMs: 3_000 })
      .hears("Book")
      .modelFinishes(asks("book"));
    expect(call.waitsForDeadline().state.name).toBe("closing");
    expect(call.toolAnswers(1, "Booked.").wrote).toEqual(["tool 1 answered: Booked."]);
  });
});

describe("an async tool", () => {
  it("counts as accepted at once, and the model is asked again", () => {
    const call = asked().modelFinishes(asks("mail"));
    expect(call.wrote).toEqual(["reply 1 kept", "tool 1 asked: mail (async)", "model asked for reply 2"]);
    expect(call.did).toEqual(["ask tool 1 mail {}", "ask model 2"]);
    expect(call.given.at(-1)).toContain("accepted");
  });

  it.each(["thinking", "replying", "listening"])(
    "has its real answer recorded while the call is %s",
    (state) => {
      const call = asked().modelFinishes(asks("mail"));
      if (state !== "thinking") call.modelSays("It is on its way.");
      if (state === "listening") call.modelFinishes();
      expect(call.state.name).toBe(state);
      expect(call.waits(400).toolAnswers(1, "Sent.").wrote).toEqual(["tool 1 answered: Sent."]);
      expect(call.did).toEqual([]);
      expect(call.state.name).toBe(state);
    },
  );

  it("does not hold back one beside it that is waited for", () => {
    const call = asked().modelFinishes(asks("mail"), asks("book")).toolAnswers(1, "Sent.");
    expect(call.wrote).toEqual(["tool 1 answered: Sent."]);
    expect(call.state.name).toBe("acting");
    expect(call.toolAnswers(2, "Booked.").given.at(-1)).toBe("tool: Booked.");
  });

  it("may answer after the end of the call", () => {
    const call = asked().modelFinishes(asks("mail")).leaves().toolAnswers(1, "Sent.");
    expect(call.wrote).toEqual(["tool 1 answered: Sent."]);
  });
});
