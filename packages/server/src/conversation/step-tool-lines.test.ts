import type { Tool } from "@offhook/protocol";
import { describe, expect, it } from "vitest";
import { limits } from "./limits.ts";
import { asks, asksBadly, tool } from "./testing/setup.ts";
import { connected } from "./testing/talk.ts";

const lines: Tool["messages"] = [
  { type: "request-start", content: "I look." },
  { type: "request-response-delayed", content: "Still looking.", timingMilliseconds: 2_000 },
  { type: "request-response-delayed", content: "Not long now.", timingMilliseconds: 4_000 },
  { type: "request-complete", content: "Found." },
  { type: "request-failed", content: "Alas." },
];
const looking = (messages: Tool["messages"] = lines) =>
  connected({
    tools: [tool("look", { messages }), tool("book", { messages }), tool("mail", { async: true })],
  });
const failed = { kind: "error", code: "http-500", error: "It answered 500." } as const;

describe("what is said while a tool is at work", () => {
  it("begins when it was asked, once for the same words of several", () => {
    const call = looking().hears("Look").modelFinishes(asks("look"), asks("book"));
    expect(call.did).toEqual(["ask tool 1 look {}", "ask tool 2 book {}", 'say "I look."']);
    expect(call.wrote.at(-1)).toBe("assistant (filler): I look.");
  });

  it("goes on when it takes long, each line at its time", () => {
    const call = looking().hears("Look").modelFinishes(asks("look")).waits(1_999).wakes();
    expect(call.unchanged).toBe(true);
    expect(call.waits(1).wakes().did).toEqual(['say "Still looking."']);
    expect(call.waits(2_000).wakes().did).toEqual(['say "Not long now."']);
    expect(call.waits(999).wakes().unchanged).toBe(true);
  });

  it("comes after three seconds where no time is named", () => {
    const call = looking([{ type: "request-response-delayed", content: "Still looking." }]).hears("Look");
    call.modelFinishes(asks("look")).waits(limits.delayedFillerMs).wakes();
    expect(call.did).toEqual(['say "Still looking."']);
  });

  it("ends with its answer, or its failure, and the model is asked all the same", () => {
    const call = looking().hears("Look").modelFinishes(asks("look"));
    expect(call.toolAnswers(1, "Here.").did).toEqual(['say "Found."', "ask model 2"]);
    const fails = looking().hears("Look").modelFinishes(asks("look"));
    expect(fails.toolEnds(1, failed).did).toEqual(['say "Alas."', "ask model 2"]);
  });

  it("is not given to the model, breaks no silence, and is not said over the user", () => {
    const call = looking().hears("Look").modelFinishes(asks("look")).waits(2_000).wakes();
    expect(call.toolAnswers(1, "Here.").given.slice(1)).toEqual(["user: Look", "assistant: ", "tool: Here."]);
    expect(call.waits(3_000).wakes().wrote).toEqual(["hang: model, 5000 ms"]);
    const over = looking().hears("Look").modelFinishes(asks("look")).begins().waits(2_000).wakes();
    expect(over.did).toEqual([]);
  });

  it("is nothing for a tool that has no lines, or blank ones", () => {
    const call = looking([{ type: "request-start", content: " " }])
      .hears("Look")
      .modelFinishes(asks("look"));
    expect(call.did).toEqual(["ask tool 1 look {}"]);
  });
});

describe("the same call", () => {
  it("twice in a reply is sent once, and both have its answer", () => {
    const call = connected().hears("Book");
    call.modelFinishes(asks("book", { day: 1, at: 9 }, "a"), asks("book", { at: 9, day: 1 }, "b"));
    expect(call.did).toEqual(['ask tool 1 book {"day":1,"at":9}']);
    expect(call.wrote.at(-1)).toContain("tool 2 answered: The same call as");
    expect(call.toolAnswers(1, "Booked.").given.slice(-2)).toEqual(["tool: Booked.", "tool: Booked."]);
  });

  it("with other arguments is another call", () => {
    const call = connected().hears("Book");
    call.modelFinishes(asks("book", { day: 1 }, "a"), asks("book", { day: 2 }, "b"));
    expect(call.did).toHaveLength(2);
  });

  it("may be made again once it was answered", () => {
    const call = connected().hears("Book").modelFinishes(asks("book")).toolAnswers(1, "Full.");
    expect(call.modelFinishes(asks("book")).did).toEqual(["ask tool 2 book {}"]);
  });

  it("as an async one that is on its way is not sent, and the model is told so", () => {
    const call = connected().hears("Mail").modelFinishes(asks("mail")).modelFinishes(asks("mail"));
    expect(call.did).toEqual(["ask model 3"]);
    expect(call.given.at(-1)).toContain("already being done");
  });
});

describe("arguments that do not fit", () => {
  it("are told to the model once, without an error to the application", () => {
    const call = connected().hears("Book").modelFinishes(asksBadly("book", "day is missing."));
    expect(call.wrote).toEqual([
      "reply 1 kept",
      "tool 1 asked: book",
      "tool 1 failed: bad-arguments",
      "model asked for reply 2",
    ]);
    expect(call.given.at(-1)).toBe('tool: {"error":"day is missing."}');
  });

  it("are an error the second time in the turn", () => {
    const call = connected().hears("Book").modelFinishes(asksBadly("book")).modelFinishes(asksBadly("book"));
    expect(call.wrote).toContain("tool_error: not-sent");
    call.modelReplies("I cannot.").hears("Again").modelFinishes(asksBadly("book"));
    expect(call.wrote).toContain("tool 3 failed: bad-arguments");
  });

  it("may be mended", () => {
    const call = connected().hears("Book").modelFinishes(asksBadly("book")).modelFinishes(asks("book"));
    expect(call.did).toEqual(["ask tool 2 book {}"]);
  });
});

it("a result may still come for a tool that was given up", () => {
  const call = connected().hears("Book").modelFinishes(asks("book")).waits(5_000).wakes();
  call.waitsForDeadline().modelReplies("It takes too long.");
  call.control({ type: "tool-result", toolCallId: call.toolCallId(1), result: "Booked." });
  expect(call.wrote).toEqual([
    "control tool-result",
    "turn 2 begins: tool-result",
    "model asked for reply 3",
  ]);
  expect(call.given.at(-1)).toContain("The result of book has come");
});
