import { describe, expect, it } from "vitest";
import type { Exchange } from "./exchange.ts";
import type { Fault } from "./fault.ts";
import type { EventContext } from "./handlers.ts";
import { serverUrl, type ServerUrlOptions } from "./receiver.ts";
import { answerOf, moment, plainPost, post, secret } from "./testing/post.ts";
import { tool } from "./tool.ts";

const update = (sequence: number, more: object = {}) => ({
  message: { type: "status-update", sequence, status: "ongoing", call: { id: "TC-1" }, ...more },
});

function receiver(options: Partial<ServerUrlOptions> = {}) {
  const faults: Fault[] = [];
  const made = serverUrl({ secret, now: () => moment, onFault: (fault) => faults.push(fault), ...options });
  return { faults, send: async (request: Request) => answerOf(await made.fetch(request)) };
}

function refusal(status: number, sentence: string) {
  return { status, body: { error: expect.stringContaining(sentence) } };
}

describe("what is no message", () => {
  const big = "x".repeat(50);
  const url = "https://clinic.example/offhook";
  const limits = { bodyBytesMax: 49, bodyWaitMsMax: 30 };
  const half = { duplex: "half" };
  const json = { "content-type": "application/json" };
  const never = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new Uint8Array(1)),
  });
  const streamed = (body: BodyInit) => new Request(url, { method: "POST", headers: json, body, ...half });
  it.each([
    ["GET", () => new Request(url), refusal(405, "not GET")],
    ["PUT", () => new Request(url, { method: "PUT", body: "{}" }), refusal(405, "not PUT")],
    [
      "a form",
      () => new Request(url, { method: "POST", body: new URLSearchParams("a=b") }),
      refusal(415, "x-www-form"),
    ],
    [
      "no type",
      () => new Request(url, { method: "POST", body: new Uint8Array(1) }),
      refusal(415, "no content-type"),
    ],
    [
      "a type that begins like JSON",
      () => plainPost("{}", { "content-type": "application/jsonp" }),
      refusal(415, "jsonp"),
    ],
    ["too long by its own word", () => plainPost("{}", { "content-length": "50" }), refusal(413, "49 bytes")],
    ["too long without a word", () => streamed(new Blob([big]).stream()), refusal(413, "49 bytes")],
    ["one that does not end", () => streamed(never), refusal(408, "0.03 s")],
    ["no UTF-8", () => streamed(new Uint8Array([0xff])), refusal(400, "UTF-8")],
    ["no sender", () => plainPost("{}"), refusal(401, "not signed")],
    ["no JSON", () => post("{"), refusal(400, "not JSON")],
    ["nothing at all", () => post(""), refusal(400, "not JSON")],
    ["a byte order mark, signed with the rest", () => post("\uFEFF{}"), refusal(400, "not JSON")],
  ])("%s", async (_, make, answer) => {
    expect(await receiver({ limits }).send(await make())).toEqual(answer);
  });

  it("says which method it takes", async () => {
    const response = await serverUrl({ secret }).fetch(new Request(url));
    expect(response.headers.get("allow")).toBe("POST");
  });

  it.each(["application/json; charset=utf-8", "application/vnd.api+json", "Application/JSON"])(
    "takes %s",
    async (type) => {
      expect((await receiver().send(await post("{}", { headers: { "content-type": type } }))).status).toBe(
        200,
      );
    },
  );

  it("says so when a body parser was there first", async () => {
    const request = await post("{}");
    await request.text();
    expect(await receiver().send(request)).toEqual(refusal(500, "before any body parser"));
  });

  it("takes a body of just the length", async () => {
    expect((await receiver({ limits }).send(await post(`"${"x".repeat(47)}"`))).status).toBe(200);
  });
});

describe("handlers", () => {
  it("hands an event to its handler, the rest to the catch-all, all with 200", async () => {
    const seen: string[] = [];
    const { send } = receiver({
      on: { "status-update": ({ status }) => seen.push(`status ${status}`) },
      onOther: (message) => seen.push(`other ${message.kind} ${message.type}`),
    });
    const bodies = [
      update(1),
      { message: { type: "hang" } },
      { message: { type: "new-thing" } },
      { event: "workflow_done" },
      7,
    ];
    for (const [index, body] of bodies.entries())
      expect(await send(await post(body, { id: `e${index}` }))).toEqual({
        status: 200,
        body: { received: true },
      });
    expect(seen).toEqual([
      "status ongoing",
      "other event hang",
      "other other new-thing",
      "other other workflow_done",
      "other other ",
    ]);
  });

  it("tells of the attempt, the id and the gap", async () => {
    const contexts: EventContext[] = [];
    const { send } = receiver({ on: { "status-update": (_, context) => contexts.push(context) } });
    await send(await post(update(1), { id: "e1" }));
    await send(await post(update(4, { missed: [2] }), { id: "e4", headers: { "offhook-attempt": "3" } }));
    expect(contexts).toMatchObject([
      { id: "e1", at: moment, attempt: 1, gap: [] },
      { id: "e4", attempt: 3, gap: [3] },
    ]);
  });

  it("answers 500 when one throws, and handles the same id again", async () => {
    let runs = 0;
    const { send, faults } = receiver({
      on: {
        "status-update": async (_, { gap }) => {
          runs += 1;
          if (runs === 2) throw new Error("the disk is full");
          expect(gap).toEqual([]);
        },
      },
    });
    await send(await post(update(1), { id: "e1" }));
    expect(await send(await post(update(2), { id: "e2" }))).toEqual(refusal(500, "Send it again"));
    expect(await send(await post(update(2), { id: "e2" }))).toMatchObject({ status: 200 });
    expect(runs).toBe(3);
    expect(faults).toMatchObject([{ kind: "handler", name: "status-update", callId: "TC-1" }]);
  });

  it("says nothing of the cause to the sender", async () => {
    const throws = () => {
      throw new Error("password=hunter2");
    };
    const { send } = receiver({ onOther: throws });
    expect(JSON.stringify(await send(await post(update(1))))).not.toContain("hunter2");
  });
});

describe("limits", () => {
  const forever = () => new Promise(() => undefined);

  it("stops waiting for a handler, tells it so, and asks for the message again", async () => {
    let signal: AbortSignal | undefined;
    const { send } = receiver({
      limits: { eventMsMax: 20 },
      onOther: (_, context) => {
        ({ signal } = context);
        return forever();
      },
    });
    expect(await send(await post(update(1)))).toEqual(refusal(503, "still being handled"));
    expect(signal?.aborted).toBe(true);
  });

  it("counts handlers that never end among those at work", async () => {
    const { send } = receiver({ limits: { eventMsMax: 20, inFlightMax: 2 }, onOther: forever });
    await send(await post(update(1), { id: "e1" }));
    await send(await post(update(1), { id: "e1" }));
    await send(await post(update(2), { id: "e2" }));
    expect(await send(await post(update(3), { id: "e3" }))).toEqual(refusal(503, "2 messages"));
  });

  it("takes so many at once, and then the next again", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { send } = receiver({ limits: { inFlightMax: 1 }, onOther: () => promise });
    const first = send(await post(update(1), { id: "e1" }));
    expect(await send(await post(update(2), { id: "e2" }))).toEqual(refusal(503, "1 messages"));
    resolve();
    expect(await first).toMatchObject({ status: 200 });
    expect(await send(await post(update(2), { id: "e2" }))).toMatchObject({ status: 200 });
  });
});

describe("onExchange", () => {
  it("shows each request with its answer, without the secret", async () => {
    const seen: Exchange[] = [];
    const { send } = receiver({ onExchange: (exchange) => seen.push(exchange) });
    await send(plainPost(update(1), { "x-interactly-secret": secret, "x-trace": "t1" }));
    await send(plainPost("{}"));
    await send(new Request("https://clinic.example/other"));
    expect(seen).toMatchObject([
      {
        at: moment,
        method: "POST",
        path: "/offhook",
        body: JSON.stringify(update(1)),
        headers: { "x-interactly-secret": "••••••••", "x-trace": "t1" },
        received: { type: "status-update" },
        answered: { status: 200, body: '{"received":true}' },
      },
      { body: "{}", received: null, answered: { status: 401 } },
      { method: "GET", path: "/other", body: null, answered: { status: 405 } },
    ]);
  });

  it("may fail without harm", async () => {
    const { send, faults } = receiver({
      onExchange: () => {
        throw new Error("closed");
      },
    });
    expect(await send(await post(update(1)))).toMatchObject({ status: 200 });
    expect(faults).toMatchObject([{ kind: "receiver", name: "onExchange" }]);
  });
});

describe("what it is made with", () => {
  const nothing = tool({ description: "", parameters: {}, run: () => "" });
  it.each([
    ["no secret", "", {}],
    ["a tool's name with a space", secret, { "find slots": nothing }],
  ])("is refused at once: %s", (_, given, tools) => {
    expect(() => serverUrl({ secret: given, tools })).toThrow(TypeError);
  });
});
