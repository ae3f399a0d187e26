import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { Fault } from "./fault.ts";
import { serverUrl } from "./receiver.ts";
import { answerOf, functionCall, moment, plainPost, post, secret } from "./testing/post.ts";
import { tool, type ToolContext } from "./tool.ts";

const day = z.object({ day: z.string() });

/** Asks a receiver with one tool, `look`, which does this. */
async function ask(run: (args: { day: string }, context: ToolContext) => unknown, request?: Request) {
  const faults: Fault[] = [];
  const look = tool({ description: "Looks", parameters: day, run });
  const limits = { answerBytesMax: 200, toolMsMax: 50, toolCallsMax: 2 };
  const receiver = serverUrl({
    secret,
    tools: { look },
    limits,
    now: () => moment,
    onFault: (fault) => faults.push(fault),
  });
  const answered = await receiver.fetch(request ?? (await post(functionCall("look", { day: "Tuesday" }))));
  return { ...(await answerOf(answered)), faults };
}

const thrown = (error: unknown) => () => {
  throw error;
};

describe("what a tool gives is answered", () => {
  it.each([
    ["text", "two slots", { result: "two slots" }],
    ["an object", { slots: [1] }, { result: '{"slots":[1]}' }],
    ["a list", ["a"], { result: '["a"]' }],
    ["a number", 7, { result: "7" }],
    ["null", null, { result: "null" }],
    ["nothing", undefined, { result: "done" }],
    ["a refusal", { error: "It is taken." }, { error: "It is taken." }],
    [
      "an error among other things is a result",
      { error: "x", slots: [] },
      { result: '{"error":"x","slots":[]}' },
    ],
    ["too much", "x".repeat(300), { error: expect.stringContaining("more than the 200") }],
  ])("%s", async (_, value, body) => {
    expect(await ask(async () => value)).toEqual({ status: 200, body, faults: [] });
  });
});

describe("what goes wrong becomes words for the model", () => {
  const fault = "look failed because of a fault on our side. It may work later.";
  it.each([
    ["an error", new Error("No patient of that name"), "No patient of that name"],
    ["an error of many lines", new Error("No patient\n    at secret.ts:1"), "No patient"],
    ["an error without words", new Error(" "), fault],
    ["a fault of the program", new TypeError("x is not a function"), fault],
    [
      "a fault of the system",
      Object.assign(new Error("connect ECONNREFUSED 10.0.0.5"), { code: "ECONNREFUSED" }),
      fault,
    ],
    ["no error at all", "secret", fault],
  ])("%s", async (_, error, sentence) => {
    const { status, body, faults } = await ask(thrown(error));
    expect({ status, body }).toEqual({ status: 200, body: { error: sentence } });
    expect(faults).toEqual([{ kind: "tool", name: "look", callId: "TC-1", error }]);
  });

  it("a result that JSON can not say", async () => {
    const circle: { self?: unknown } = {};
    circle.self = circle;
    expect((await ask(() => circle)).body).toEqual({ error: fault });
  });

  it.each([
    ["an unknown tool", functionCall("lok", {}), 'There is no tool "lok" here. There are: look.'],
    [
      "a name that every object has",
      functionCall("constructor", {}),
      'There is no tool "constructor" here. There are: look.',
    ],
    [
      "arguments that do not fit",
      functionCall("look", { day: 3 }),
      "The arguments of look do not fit: /day: ",
    ],
    ["arguments that are broken", functionCall("look", '{"day'), "The arguments of look do not fit: "],
  ])("%s", async (_, body, sentence) => {
    const answer = await ask(() => "ran", await post(body));
    expect(answer).toMatchObject({ status: 200, body: { error: expect.stringContaining(sentence) } });
  });

  it("a tool that does not end", async () => {
    let signal: AbortSignal | undefined;
    const answer = await ask((_, context) => {
      ({ signal } = context);
      return new Promise(() => undefined);
    });
    expect(answer).toMatchObject({ status: 200, body: { error: "look has not answered within 0.05 s." } });
    expect(signal?.aborted).toBe(true);
  });
});

describe("a tool's own time limit", () => {
  const slow = (timeoutMs: number) =>
    tool({ description: "Looks", parameters: day, timeoutMs, run: () => new Promise(() => undefined) });
  it.each([
    [20, "0.02 s"],
    [9_000, "0.05 s"],
  ])("of %i ms holds, up to the receiver's", async (timeoutMs, told) => {
    const limits = { toolMsMax: 50 };
    const { fetch } = serverUrl({ secret, now: () => moment, tools: { look: slow(timeoutMs) }, limits });
    const { body } = await answerOf(await fetch(await post(functionCall("look", { day: "Tuesday" }))));
    expect(body).toEqual({ error: `look has not answered within ${told}.` });
  });

  it.each([0, -1, Number.NaN])("is refused where it is %d", (timeoutMs) => {
    expect(() => slow(timeoutMs)).toThrow(TypeError);
  });
});

describe("forms of the request", () => {
  const context = (_: unknown, { name, toolCallId, callId, attempt, envelope }: ToolContext) =>
    [name, toolCallId, callId, attempt, envelope?.call.id ?? null].join(" ");
  const headers = {
    "offhook-tool-name": "look",
    "offhook-tool-call-id": "c7",
    "offhook-call-id": "TC-7",
    "offhook-attempt": "2",
  };

  it("hands over the call, and the body as it came", async () => {
    const request = functionCall("look", { day: "Tuesday" });
    let seen: unknown;
    const told = (_args: unknown, { call, original }: ToolContext) => {
      seen = { id: call?.id, original };
    };
    await ask(told, await post(request));
    expect(seen).toEqual({ id: "TC-1", original: request });
  });

  it("tells the tool of its call", async () => {
    expect((await ask(context)).body).toEqual({ result: "look call_1 TC-1 1 TC-1" });
  });

  it("bare arguments, named by a header", async () => {
    const request = await post({ day: "Tuesday" }, { headers });
    expect((await ask(context, request)).body).toEqual({ result: "look c7 TC-7 2 " });
  });

  it("bare arguments, named in the address", async () => {
    const request = await post({ day: "Tuesday" }, { url: "https://clinic.example/offhook?tool=look" });
    expect((await ask(context, request)).body).toEqual({ result: "look   1 " });
  });

  it("a Vapi list: answers by id, on one line, no more than so many", async () => {
    const toolCallList = [
      { id: "a", type: "function", function: { name: "look", arguments: '{"day":"Monday"}' } },
      { id: "b", type: "function", function: { name: "nook", arguments: {} } },
      { id: "c", type: "function", function: { name: "look", arguments: {} } },
    ];
    const request = plainPost(
      { message: { type: "tool-calls", toolCallList } },
      { "x-interactly-secret": secret },
    );
    expect((await ask(({ day: on }) => `Free on\n  ${on}`, request)).body).toEqual({
      results: [
        { toolCallId: "a", result: "Free on Monday" },
        { toolCallId: "b", error: 'There is no tool "nook" here. There are: look.' },
        { toolCallId: "c", error: "More than 2 tool calls at once." },
      ],
    });
  });

  it("an empty list", async () => {
    const request = plainPost({ message: { type: "tool-calls" } }, { "x-interactly-secret": secret });
    expect(await ask(() => "ran", request)).toMatchObject({ status: 200, body: { results: [] } });
  });
});
