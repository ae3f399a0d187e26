import { defaultTeam, type JsonObject } from "@offhook/protocol";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { virtualClock, type VirtualClock } from "../testing/virtual-clock.ts";
import { replyWaitMaxMs } from "./messages.ts";
import { type Api, apiOf, expectProblem, textAt } from "./testing/api.ts";
import { finished, spoken } from "./testing/fake-calls.ts";
import { openServer, smallAssistant, type TestServer } from "./testing/open-server.ts";

const conversations = "/calls/v1/conversations";

let clock: VirtualClock;
let server: TestServer;
let api: Api;
beforeEach(async () => {
  clock = virtualClock(Date.parse("2026-03-02T09:00:00.000Z"));
  server = await openServer({ clock });
  api = apiOf(server);
});
afterEach(() => server.close());

async function connect(more: JsonObject = {}): Promise<JsonObject> {
  const connected = await api("POST", `${conversations}/connect`, {
    json: { assistant: smallAssistant, ...more },
  });
  expect(connected.status).toBe(201);
  return connected.body;
}

describe("a new call", () => {
  test("is answered with where it is steered and watched", async () => {
    const call = await connect({ metadata: { order: 7 }, customer: { number: "+49", name: "Ann" } });
    const id = textAt(call, "id");
    expect(call).toMatchObject({
      id: expect.stringMatching(/^TC-/u),
      teamId: "default",
      status: "ongoing",
      userNumber: "+49",
    });
    expect(call["metadata"]).toEqual({ order: 7 });
    expect(call["monitor"]).toEqual({
      controlUrl: `${server.url}${conversations}/${id}/control`,
      liveUrl: `${server.url.replace("http", "ws")}${conversations}/${id}/live?token=${server.tokens.make(id as never)}`,
    });
  });

  test("is made of a stored assistant, or of an inline one, which wins", async () => {
    const { body } = await api("POST", "/assistants/v1/assistants", { json: smallAssistant });
    const _id = textAt(body, "_id");
    expect(await connect({ assistantId: _id, assistant: undefined as never })).toMatchObject({
      assistantId: _id,
    });
    expect(await connect({ assistantId: _id })).toMatchObject({ assistantId: null });
  });

  test("is made in the vendor's other shape", async () => {
    const { body: assistant } = await api("POST", "/assistants/v1/assistants", { json: smallAssistant });
    for (let other = 0; other < 3; other += 1)
      await api("POST", "/assistants/v1/numbers", { json: { number: `+${other}` } });
    const number = { number: "+4930", assistantId: assistant["_id"] };
    const { body: stored } = await api("POST", "/assistants/v1/numbers", { json: number });
    const made = await api("POST", conversations, {
      json: { userNumber: "+49171", assistantNumber: "+4930" },
    });
    expect(made).toMatchObject({
      status: 201,
      body: { userNumber: "+49171", assistantId: assistant["_id"] },
    });
    expect(server.calls.asked.at(-1)?.given).toMatchObject({
      phoneNumberId: stored["_id"],
      customer: { number: "+49171" },
    });
    const plain = await api("POST", conversations, { json: { assistant: smallAssistant } });
    expect(plain.status).toBe(201);
  });

  test.each([
    ["over-capacity", 503],
    ["stopping", 503],
    ["not-available-yet", 422],
    ["forbidden-address", 422],
  ] as const)("is refused as %s with %i", async (refused, status) => {
    server.calls.refuse({ refused, detail: "The server does not do this now." });
    const answered = await api("POST", `${conversations}/connect`, { json: { assistant: smallAssistant } });
    expectProblem(answered, status, refused);
    expect(answered.headers.has("retry-after")).toBe(status === 503);
  });
});

describe("a call", () => {
  test("is shown with its messages, however many entries it has", async () => {
    const call = await connect();
    const id = textAt(call, "id");
    for (let piece = 0; piece < 3; piece += 1) {
      const messages = Array.from({ length: 400 }, (_, index) =>
        spoken({
          role: "user",
          text: `word ${piece * 400 + index}`,
          timestamp: clock.now(),
          messageId: `m${piece}-${index}`,
        }),
      );
      await server.calls.write(id, ...messages);
    }
    await server.calls.write(id, finished);
    const { body, status } = await api("GET", `${conversations}/${id}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      id,
      status: "finished",
      endedReason: "user-hung-up",
      endAt: "2026-03-02T09:00:00.000Z",
    });
    const messages = body["messages"] as JsonObject[];
    expect(messages).toHaveLength(1_200);
    expect(messages.at(-1)).toEqual({
      messageId: "m2-399",
      role: "user",
      text: "word 1199",
      timestamp: "2026-03-02T09:00:00.000Z",
    });
    expect(body["monitor"]).toEqual(call["monitor"]);
  });

  test("is found by day, status and assistant", async () => {
    const { body: assistant } = await api("POST", "/assistants/v1/assistants", { json: smallAssistant });
    const assistantId = textAt(assistant, "_id");
    const first = await connect();
    await clock.advance(24 * 3_600_000);
    const second = await connect({ assistantId, assistant: undefined as never });
    await server.calls.write(textAt(second, "id"), finished);
    const found = async (query: string): Promise<unknown[]> => {
      const { body, status } = await api("GET", `${conversations}?${query}`);
      expect(status).toBe(200);
      return (body["data"] as JsonObject[]).map((call) => call["id"]);
    };
    expect(await found("")).toEqual([second["id"], first["id"]]);
    expect(await found("status=finished")).toEqual([second["id"]]);
    expect(await found(`assistantId=${assistantId}`)).toEqual([second["id"]]);
    expect(await found("endDate=2026-03-02")).toEqual([first["id"]]);
    expect(await found("startDate=2026-03-03")).toEqual([second["id"]]);
    expect(await found("startDate=2026-03-02&endDate=2026-03-03")).toEqual([second["id"], first["id"]]);
    expect(await found("startDate=2026-03-02T09:00:00Z&endDate=2026-03-02T10:00:00%2B01:00")).toEqual([
      first["id"],
    ]);
    expect(await found("startDate=2026-03-02T09:00:00.001Z")).toEqual([second["id"]]);
    expect(await found("size=1&page=2")).toEqual([first["id"]]);
    expect(await found("status=queued")).toEqual([]);
  });
});

describe("control", () => {
  test("is answered as the vendor does", async () => {
    const id = textAt(await connect(), "id");
    const answered = await api("POST", `${conversations}/${id}/control`, {
      json: { type: "say", message: "Hello" },
    });
    expect(answered).toMatchObject({
      status: 200,
      body: { message: "say accepted", data: { success: true } },
    });
    expect(server.calls.asked.at(-1)).toEqual({
      what: "control",
      given: { teamId: defaultTeam, callId: id, control: { type: "say", message: "Hello" } },
    });
    expect((await api("POST", `${conversations}/${id}/control`, { json: { type: "end" } })).status).toBe(200);
    expectProblem(
      await api("POST", `${conversations}/${id}/control`, { json: { type: "end" } }),
      409,
      "call-finished",
    );
  });

  test.each([
    ["call-ending", 409],
    ["not-on-this-channel", 409],
    ["unknown-tool-call", 422],
    ["agenda-full", 429],
  ] as const)("is refused as %s with %i", async (refused, status) => {
    const id = textAt(await connect(), "id");
    server.calls.refuse({ refused, detail: "The call does not do this now." });
    expectProblem(
      await api("POST", `${conversations}/${id}/control`, { json: { type: "end" } }),
      status,
      refused,
    );
  });
});

describe("what the user says", () => {
  test("is accepted when it is on disk", async () => {
    const id = textAt(await connect(), "id");
    const answered = await api("POST", `${conversations}/${id}/messages`, { json: { text: " Hello " } });
    expect(answered).toMatchObject({ status: 202, body: { accepted: true } });
    expect(server.calls.asked.at(-1)?.given).toMatchObject({ text: "Hello" });
    const { body } = await api("GET", `${conversations}/${id}`);
    expect(body["messages"]).toMatchObject([{ role: "user", text: "Hello" }]);
    await server.calls.write(id, finished);
    expectProblem(
      await api("POST", `${conversations}/${id}/messages`, { json: { text: "Hello?" } }),
      409,
      "call-finished",
    );
  });

  test("is answered with the reply, for who waits", async () => {
    const id = textAt(await connect(), "id");
    const asking = api("POST", `${conversations}/${id}/messages?wait=true`, { json: { text: "Hello" } });
    await vi.waitFor(() => expect(server.calls.asked.at(-1)?.what).toBe("hear"));
    const message = {
      messageId: "m2",
      role: "assistant" as const,
      text: "Good morning",
      timestamp: clock.now(),
    };
    await vi.waitFor(() => expect(clock.waiting).toBeGreaterThan(0));
    server.calls.reply({ messages: [message], outcome: "answered" });
    expect(await asking).toMatchObject({
      status: 200,
      body: { messages: [{ ...message, timestamp: "2026-03-02T09:00:00.000Z" }], outcome: "answered" },
    });
  });

  test("is not waited for longer than the ceiling", async () => {
    const id = textAt(await connect(), "id");
    const asking = api("POST", `${conversations}/${id}/messages?wait=true`, { json: { text: "Hello" } });
    await vi.waitFor(() => expect(clock.waiting).toBeGreaterThan(0));
    await clock.advance(replyWaitMaxMs - 1);
    await expect(Promise.race([asking, Promise.resolve("waiting")])).resolves.toBe("waiting");
    await clock.advance(1);
    expect(await asking).toMatchObject({ status: 200, body: { messages: [], outcome: "still-working" } });
  });
});
