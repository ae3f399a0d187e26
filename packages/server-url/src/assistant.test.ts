import { assistantAnswer } from "@offhook/protocol";
import { describe, expect, it } from "vitest";
import type { AssistantHandler } from "./assistant.ts";
import type { Fault } from "./fault.ts";
import { serverUrl } from "./receiver.ts";
import { answerOf, fixture } from "./testing/kit.ts";
import { moment, post, secret } from "./testing/post.ts";

/** Asks a receiver who answers, as often as said. */
async function ask(assistant: AssistantHandler | undefined, times = 1) {
  const faults: Fault[] = [];
  const receiver = serverUrl({
    secret,
    now: () => moment,
    limits: { assistantMsMax: 30 },
    onFault: (fault) => faults.push(fault),
    onOther: () => {
      throw new Error("who answers is a question, not an event");
    },
    ...(assistant === undefined ? {} : { assistant }),
  });
  const answers = [];
  for (let time = 0; time < times; time += 1) {
    const request = await post(fixture("assistant-request"), { id: "ask_TC-1" });
    answers.push(await answerOf(await receiver.fetch(request)));
  }
  return { answers, faults, answer: answers[0] };
}

describe("who answers", () => {
  it("is told about the call, the caller and the number", async () => {
    const seen: unknown[] = [];
    await ask(({ call, customer, phone, original }, { at, headers }) => {
      seen.push(call.callType, customer, phone.number, call.metadata, at, headers.get("webhook-id"));
      expect(original).toEqual(fixture("assistant-request"));
    });
    const caller = { number: "web-sample", name: "Sample" };
    expect(seen).toEqual(["chat", caller, "+49301234567", { sample: true }, moment, "ask_TC-1"]);
  });

  it.each<[string, ReturnType<AssistantHandler>]>([
    ["a stored assistant", { assistantId: "asst-1" }],
    ["one for this call", { assistant: { name: "Ada", welcomeMessage: "Hi {{who}}." }, reuse: false }],
    [
      "with variables",
      { assistantId: "asst-1", assistantOverrides: { dynamicVariables: { who: "Eve", visits: 2 } } },
    ],
  ])("is answered as the server reads it: %s", async (_, choice) => {
    const { answer, faults } = await ask(() => choice);
    expect(answer).toEqual({ status: 200, body: choice });
    expect(assistantAnswer.safeParse(answer?.body).success).toBe(true);
    expect(faults).toEqual([]);
  });

  it("is looked for once, however often the same question comes", async () => {
    let asked = 0;
    const { answers } = await ask(async () => ({ assistantId: `asst-${++asked}` }), 3);
    expect(answers.map(({ body }) => body)).toEqual([1, 2, 3].map(() => ({ assistantId: "asst-1" })));
  });

  it.each<[string, AssistantHandler | undefined, RegExp]>([
    ["no handler", undefined, /was not given `assistant`/u],
    ["nobody", () => undefined, /names nobody/u],
    ["a reason", () => ({ error: "We are closed." }), /^We are closed\.$/u],
    ["null", async () => null, /names nobody/u],
  ])("is nobody, which is no fault: %s", async (_, assistant, says) => {
    const { answer, faults } = await ask(assistant);
    expect(answer).toEqual({ status: 200, body: { error: expect.stringMatching(says) } });
    expect(faults).toEqual([]);
  });

  it.each<[string, () => unknown, RegExp]>([
    ["text", () => "asst-1", /not an object/u],
    ["neither id nor assistant", () => ({ reuse: true }), /neither assistantId nor assistant/u],
    ["an empty id", () => ({ assistantId: "" }), /assistantId is the id/u],
    ["an id too long", () => ({ assistantId: "a".repeat(65) }), /assistantId is the id/u],
    ["an assistant without a name", () => ({ assistant: { welcomeMessage: "Hi" } }), /with a name/u],
    ["overrides in a list", () => ({ assistantId: "a", assistantOverrides: [] }), /assistantOverrides/u],
    [
      "variables in a list",
      () => ({ assistantId: "a", assistantOverrides: { dynamicVariables: [] } }),
      /dynamicVariables/u,
    ],
    ["reuse as text", () => ({ assistantId: "a", reuse: "no" }), /reuse is true or false/u],
    [
      "too much",
      () => ({ assistant: { name: "a", prompt: "x".repeat(1_048_576) } }),
      /more than the 1048576/u,
    ],
    [
      "an error of the application",
      () => {
        throw new Error("No line for this number\n  at secret.ts");
      },
      /^No line for this number$/u,
    ],
    [
      "a fault of the program",
      () => {
        throw new TypeError("x is not a function");
      },
      /a fault on our side/u,
    ],
  ])("is not found, and the application hears of its fault: %s", async (_, assistant, says) => {
    const { answer, faults } = await ask(assistant as AssistantHandler);
    expect(answer).toEqual({ status: 200, body: { error: expect.stringMatching(says) } });
    expect(faults).toMatchObject([{ kind: "handler", name: "assistant-request" }]);
  });

  it("is not waited for longer than somebody waits on the line, and the handler is told to stop", async () => {
    let signal: AbortSignal | undefined;
    const { answer } = await ask((_, context) => {
      signal = context.signal;
      return new Promise(() => undefined);
    });
    expect(answer).toEqual({ status: 200, body: { error: "It was not said within 0.03 s who answers." } });
    expect(signal?.aborted).toBe(true);
  });
});
