import { describe, expect, it } from "vitest";
import { type Client, offhook } from "./client.ts";
import { callSample, problemSample } from "./testing/samples.ts";

type Asked = { url: string; method: string; headers: Headers; body: unknown };

/** A client whose server answers always the same, and what it was asked. */
function clientOf(status: number, body: unknown): { client: Client; asked: Asked[] } {
  const asked: Asked[] = [];
  const fetch: typeof globalThis.fetch = async (url, { method = "", headers, body: sent } = {}) => {
    asked.push({
      url: url instanceof Request ? url.url : url.toString(),
      method,
      headers: new Headers(headers),
      body: typeof sent === "string" ? JSON.parse(sent) : undefined,
    });
    return new Response(status === 204 ? null : typeof body === "string" ? body : JSON.stringify(body), {
      status,
    });
  };
  return { client: offhook({ url: "https://calls.example.org/base/", apiKey: "ohk_test", fetch }), asked };
}

const base = "https://calls.example.org/base";
const id = callSample.id;
const kept = {
  _id: "asst-1",
  createdAt: callSample.createdAt,
  updatedAt: callSample.updatedAt,
  name: "Ada",
  custom: 7,
};
const pageOf = (one: unknown) => ({ data: [one], page: 1, size: 20, totalCount: 1 });
const delivery = {
  id: "evt_1",
  callId: id,
  sequence: 1,
  type: "hang",
  state: "dead",
  at: 1,
  attempts: 13,
  nextAt: null,
  reason: "gone",
};
const events = { data: [], next: 3, more: true };

type Case = [
  string,
  (client: Client) => Promise<unknown>,
  string,
  unknown,
  { sent?: unknown; value?: unknown },
];

describe("a request", () => {
  it.each<Case>([
    [
      "creates an assistant",
      (c) => c.assistants.create({ name: "Ada" }),
      "POST /assistants/v1/assistants",
      kept,
      { sent: { name: "Ada" } },
    ],
    [
      "lists tools",
      (c) => c.tools.list({ page: 2, size: 5 }),
      "GET /assistants/v1/tools?page=2&size=5",
      pageOf(kept),
      {},
    ],
    ["gets a number", (c) => c.numbers.get("num-1"), "GET /assistants/v1/numbers/num-1", kept, {}],
    [
      "escapes an id",
      (c) => c.assistants.get("../a b?c"),
      "GET /assistants/v1/assistants/..%2Fa%20b%3Fc",
      kept,
      {},
    ],
    [
      "updates",
      (c) => c.tools.update("tool-1", { server: null }),
      "PATCH /assistants/v1/tools/tool-1",
      kept,
      { sent: { server: null } },
    ],
    [
      "connects",
      (c) => c.calls.connect({ assistantId: "asst-1" }),
      "POST /calls/v1/conversations/connect",
      callSample,
      { sent: { assistantId: "asst-1" } },
    ],
    [
      "lists calls",
      (c) => c.calls.list({ status: "ongoing" }),
      "GET /calls/v1/conversations?status=ongoing",
      pageOf(callSample),
      {},
    ],
    [
      "gets a call",
      (c) => c.calls.get(id),
      `GET /calls/v1/conversations/${id}`,
      { ...callSample, messages: [] },
      {},
    ],
    [
      "says",
      (c) => c.calls.say(id, "Hi"),
      `POST /calls/v1/conversations/${id}/messages`,
      { accepted: true },
      { sent: { text: "Hi" }, value: undefined },
    ],
    [
      "says and waits",
      (c) => c.calls.say(id, "Hi", { wait: true }),
      `POST /calls/v1/conversations/${id}/messages?wait=true`,
      { messages: [], outcome: "answered" },
      { sent: { text: "Hi" } },
    ],
    [
      "controls",
      (c) => c.calls.control(id, { type: "end" }),
      `POST /calls/v1/conversations/${id}/control`,
      { message: "ok" },
      { sent: { type: "end" }, value: undefined },
    ],
    [
      "lists events of a call",
      (c) => c.calls.events(id, { after: 2 }),
      `GET /calls/v1/conversations/${id}/events?after=2`,
      events,
      {},
    ],
    [
      "lists deliveries of a call",
      (c) => c.calls.deliveries(id),
      `GET /calls/v1/conversations/${id}/deliveries`,
      pageOf(delivery),
      {},
    ],
    [
      "lists events",
      (c) => c.events.list({ after: 0, limit: 9 }),
      "GET /events/v1/events?after=0&limit=9",
      events,
      {},
    ],
    [
      "lists deliveries",
      (c) => c.deliveries.list({ state: "dead" }),
      "GET /events/v1/deliveries?state=dead",
      pageOf(delivery),
      {},
    ],
    [
      "signs in",
      (c) => c.session.signIn({ ticket: "t" }),
      "POST /session",
      { teamId: "default", until: callSample.createdAt },
      { sent: { ticket: "t" } },
    ],
    [
      "tries a tool out",
      (c) => c.tools.test("tool-1", { day: "Monday" }),
      "POST /assistants/v1/tools/tool-1/test",
      {
        outcome: { kind: "result", result: "ok", understoodAs: "plain-text" },
        elapsedMs: 3,
        exchange: { method: "POST", url: "u", headers: {}, body: "", status: 200, answer: "ok", attempts: 1 },
      },
      { sent: { arguments: { day: "Monday" } } },
    ],
    [
      "rotates a secret",
      (c) => c.assistants.rotateSecret("asst-1", { overlapHours: 1 }),
      "POST /assistants/v1/assistants/asst-1/server/rotate-secret",
      { secret: "whsec_x", previousSecretUntil: null },
      { sent: { overlapHours: 1 } },
    ],
    [
      "goes on behind a call",
      (c) => c.calls.list({ before: id, size: 50 }),
      `GET /calls/v1/conversations?before=${id}&size=50`,
      pageOf(callSample),
      {},
    ],
    [
      "gets a delivery",
      (c) => c.deliveries.get("evt_1"),
      "GET /events/v1/deliveries/evt_1",
      { ...delivery, attemptLog: [] },
      {},
    ],
    [
      "redelivers",
      (c) => c.deliveries.redeliver("evt_1"),
      "POST /events/v1/deliveries/evt_1/redeliver",
      { accepted: true, events: ["evt_1"] },
      { value: { events: ["evt_1"] } },
    ],
  ])("%s", async (_name, act, line, body, { sent, ...expected }) => {
    const { client, asked } = clientOf(200, body);
    expect(await act(client)).toEqual({ ok: true, value: "value" in expected ? expected.value : body });
    expect(asked).toMatchObject([
      { url: base + line.replace(/^\S+ /u, ""), method: line.split(" ")[0], body: sent },
    ]);
    expect(asked[0]?.headers.get("authorization")).toBe("Bearer ohk_test");
  });

  it("has nothing to give when something was removed", async () => {
    const { client } = clientOf(204, "");
    expect(await client.assistants.remove("asst-1")).toEqual({ ok: true, value: undefined });
  });
});

describe("a problem", () => {
  it("is handed on as the server says it", async () => {
    const { client } = clientOf(404, problemSample);
    expect(await client.calls.get(id)).toEqual({ ok: false, problem: problemSample });
  });

  it.each([
    ["a refusal without a problem", 502, "<html>Bad gateway</html>", "502"],
    ["an answer that is no JSON", 200, "<html>", ""],
    ["an answer that does not fit", 200, { ...callSample, messages: [], status: "asleep" }, "/status"],
  ])("is not-understood for %s", async (_name, status, body, where) => {
    const { client } = clientOf(status, body);
    const answer = await client.calls.get(id);
    expect(answer).toMatchObject({ ok: false, problem: { code: "not-understood", status } });
    expect(JSON.stringify(answer)).toContain(where);
  });

  it("names the item of a list that does not fit", async () => {
    const { client } = clientOf(200, pageOf({ ...kept, _id: 3 }));
    expect(JSON.stringify(await client.assistants.list())).toContain("/data/0/_id");
  });

  it("is thrown for what is no address", () => {
    expect(() => offhook({ url: "calls.example.org", apiKey: "k" })).toThrow(TypeError);
    expect(() => offhook({ url: "ftp://calls.example.org", apiKey: "k" })).toThrow("http or https");
  });
});
