import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { serverUrl } from "./receiver.ts";
import type { Receipts } from "./receipts.ts";
import { answerOf, functionCall, moment, plainPost, post, secret } from "./testing/post.ts";
import { tool } from "./tool.ts";

const parameters = { type: "object" };

/** A receiver whose one tool and catch-all count, and end when they are let go. */
function counting(receipts?: Receipts) {
  const gate = Promise.withResolvers<void>();
  const count = { tools: 0, events: 0 };
  const book = tool({
    description: "Books",
    parameters,
    async run() {
      count.tools += 1;
      const ticket = count.tools;
      await gate.promise;
      return { ticket };
    },
  });
  const onOther = async () => {
    count.events += 1;
    await gate.promise;
  };
  const options = { secret, now: () => moment, tools: { book }, onOther, onFault: () => undefined };
  const { fetch } = serverUrl(receipts === undefined ? options : { ...options, receipts });
  return { count, open: gate.resolve, send: async (request: Request) => answerOf(await fetch(request)) };
}

const booked = (ticket: number) => ({ status: 200, body: { result: JSON.stringify({ ticket }) } });

describe("a tool call that comes again", () => {
  it("waits for the first while it runs, and gets the same answer", async () => {
    const { send, open, count } = counting();
    const request = () => post(functionCall("book", {}), { id: "call_1" });
    const both = Promise.all([send(await request()), send(await request())]);
    open();
    expect(await both).toEqual([booked(1), booked(1)]);
    expect(await send(await request())).toEqual(booked(1));
    expect(count.tools).toBe(1);
  });

  it("runs once however many come at once", async () => {
    const ids = fc.array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(ids, fc.nat(19), async (given, openAt) => {
        const { send, open, count } = counting();
        const answers = given.map(async (id, index) => {
          if (index === Math.min(openAt, given.length - 1)) open();
          return send(await post(functionCall("book", {}, id), { id }));
        });
        const bodies = (await Promise.all(answers)).map(({ body }) => JSON.stringify(body));
        const perId = new Map(given.map((id, index) => [id, bodies[index]]));
        expect(count.tools).toBe(perId.size);
        expect(bodies).toEqual(given.map((id) => perId.get(id)));
      }),
      { numRuns: 50 },
    );
  });

  it.each([
    ["another id", functionCall("book", {}, "call_2"), 2],
    ["the same id and arguments", functionCall("book", {}), 1],
    ["the same id, other arguments, as models that count from 0 do", functionCall("book", { day: 1 }), 2],
    [
      "the same id in another call",
      { message: { ...functionCall("book", {}).message, call: { id: "TC-2" } } },
      2,
    ],
  ])("without webhook-id, %s", async (_, second, runs) => {
    const { send, open, count } = counting();
    open();
    const header = { "x-interactly-secret": secret };
    await send(plainPost(functionCall("book", {}), header));
    await send(plainPost(second, header));
    expect(count.tools).toBe(runs);
  });

  it("in a Vapi list, each for itself", async () => {
    const { send, open, count } = counting();
    open();
    const listed = (...ids: string[]) => ({
      message: {
        type: "tool-calls",
        toolCallList: ids.map((id) => ({ id, function: { name: "book", arguments: "{}" } })),
      },
    });
    const header = { "x-interactly-secret": secret };
    await send(plainPost(listed("a", "b"), header));
    const { body } = await send(plainPost(listed("b", "c"), header));
    expect(body).toEqual({
      results: [
        { toolCallId: "b", result: '{"ticket":2}' },
        { toolCallId: "c", result: '{"ticket":3}' },
      ],
    });
    expect(count.tools).toBe(3);
  });
});

describe("an event that comes again", () => {
  const hang = (more: object = {}) => ({
    message: { type: "hang", call: { id: "TC-1" }, timestamp: 1, ...more },
  });

  it("is handled once by its webhook-id, also when both come at once", async () => {
    const { send, open, count } = counting();
    const both = Promise.all([send(await post(hang())), send(await post(hang(), { at: moment + 5_000 }))]);
    open();
    expect(await both).toEqual([1, 2].map(() => ({ status: 200, body: { received: true } })));
    await send(await post(hang()));
    expect(count.events).toBe(1);
    await send(await post(hang(), { id: "evt_2" }));
    expect(count.events).toBe(2);
  });

  const said = (messageId: string, text: string) => ({ messageId, role: "user", text });
  const update = (...messages: object[]) => ({
    message: { type: "conversation-update", call: { id: "TC-1" }, messages },
  });
  const first = update(said("m1", "Hello"));
  it.each([
    ["the same", first, 1],
    ["the same at another time", { message: { ...first.message, timestamp: 9 } }, 1],
    ["another type", { message: { ...first.message, type: "end-of-call-report" } }, 2],
    ["another status", { message: { ...first.message, call: { id: "TC-1", status: "ongoing" } } }, 2],
    ["another call", { message: { ...first.message, call: { id: "TC-2" } } }, 2],
    ["a message more", update(said("m1", "Hello"), said("m2", "there")), 2],
    ["a message more, with a repeated id", update(said("m1", "Hello"), said("m1", "there")), 2],
    ["a message that went on", update(said("m1", "Hello there")), 2],
  ])("is known from what it says where there is no id: %s", async (_, second, runs) => {
    const { send, open, count } = counting();
    open();
    const header = { "x-interactly-secret": secret };
    await send(plainPost(first, header));
    await send(plainPost(second, header));
    expect(count.events).toBe(runs);
  });

  it.each([
    ["a second hang of one history", hang(), hang({ timestamp: 2 })],
    [
      "a second error of one history",
      { message: { ...hang().message, type: "error" } },
      { message: { ...hang({ timestamp: 2 }).message, type: "error" } },
    ],
    ["no call", { message: { type: "hang" } }, { message: { type: "hang" } }],
    ["another family", { event: "workflow_done" }, { event: "workflow_done" }],
  ])("is handled each time when nothing tells: %s", async (_, one, two) => {
    const { send, open, count } = counting();
    open();
    for (const body of [one, two]) await send(plainPost(body, { "x-interactly-secret": secret }));
    expect(count.events).toBe(2);
  });
});

describe("receipts of the application's own", () => {
  const nothing = { keep: async () => undefined, forget: async () => undefined };

  it("that know of another process ask the sender to come back", async () => {
    const { send, count } = counting({ ...nothing, claim: async () => ({ kind: "elsewhere" }) });
    expect(await send(await post(functionCall("book", {})))).toMatchObject({ status: 503 });
    expect(await send(await post({ message: { type: "hang" } }))).toMatchObject({ status: 503 });
    expect(count).toEqual({ tools: 0, events: 0 });
  });

  it("that fail are answered with 500", async () => {
    const { send } = counting({ ...nothing, claim: () => Promise.reject(new Error("no connection")) });
    expect(await send(await post(functionCall("book", {})))).toMatchObject({ status: 500 });
    expect(await send(await post({ message: { type: "hang" } }))).toMatchObject({ status: 500 });
  });
});
