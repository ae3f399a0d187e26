import { type Attempt, type Delivery, eventId, type JsonObject } from "@offhook/protocol";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Api, apiOf, expectProblem, textAt } from "./testing/api.ts";
import { finished, spoken } from "./testing/fake-calls.ts";
import { openServer, smallAssistant, type TestServer } from "./testing/open-server.ts";

let server: TestServer;
let api: Api;
let callId: string;
beforeEach(async () => {
  server = await openServer();
  api = apiOf(server);
  callId = await connect();
});
afterEach(() => server.close());

const deliveries = "/events/v1/deliveries";

/** A call with six events: two status-updates, three conversation-updates, and a status-update. */
async function connect(key = server.key): Promise<string> {
  const assistant = {
    ...smallAssistant,
    assistantServer: { url: "https://example.org/hook", secret: "a secret of 22 letters" },
  };
  const { body } = await api("POST", "/calls/v1/conversations/connect", { json: { assistant }, key });
  const id = textAt(body, "id");
  const words = ["one", "two", "three"].map((text) =>
    spoken({ role: "user", text, timestamp: 1, messageId: `m-${text}` }),
  );
  await server.calls.write(id, ...words, finished);
  return id;
}

const attempt = (number: number): Attempt => ({
  attempt: number,
  at: 1_000 * number,
  elapsedMs: 12,
  phases: { dnsMs: 1, connectMs: 2, tlsMs: null, firstByteMs: 9 },
  outcome: "refused",
  detail: "answered 500",
  request: { url: "https://example.org/hook", headers: { "x-interactly-secret": "••••••••" } },
  answer: { status: 500, headers: {}, body: "no" },
});

/** 1 is delivered, 2 dead after two attempts, 3 superseded, 4 dead, 5 retrying, 6 pending. */
async function settle(): Promise<void> {
  const settlement = {
    callId: callId as never,
    basedOn: { settled: 0, attempts: 0 },
    settled: 4,
    attempts: 1,
    missed: [2, 3, 4],
    againDone: [],
    retryAt: 9_000_000_000_000,
    at: 5_000,
    log: [
      { sequence: 2, attempt: attempt(1) },
      { sequence: 2, attempt: attempt(2) },
    ],
    givenUp: [
      { sequence: 2, state: "dead" as const, reason: "13 attempts failed" },
      { sequence: 3, state: "superseded" as const, reason: "event 5 holds the whole history" },
      { sequence: 4, state: "dead" as const, reason: "answered 410 Gone" },
    ],
    recovered: [],
    notRecovered: [],
  };
  await server.store.settle(settlement);
}

async function list(path: string): Promise<Pick<Delivery, "sequence" | "state">[]> {
  const { body, status } = await api("GET", path);
  expect(status).toBe(200);
  return (body["data"] as unknown as Delivery[]).map(({ sequence, state }) => ({ sequence, state }));
}

test("a call's deliveries are listed in order, with what became of each", async () => {
  await settle();
  const ofCall = `/calls/v1/conversations/${callId}/deliveries`;
  expect(await list(ofCall)).toEqual([
    { sequence: 1, state: "delivered" },
    { sequence: 2, state: "dead" },
    { sequence: 3, state: "superseded" },
    { sequence: 4, state: "dead" },
    { sequence: 5, state: "retrying" },
    { sequence: 6, state: "pending" },
  ]);
  expect(await list(`${ofCall}?page=2&size=4`)).toHaveLength(2);
  expect(await list(`${ofCall}?state=superseded`)).toEqual([{ sequence: 3, state: "superseded" }]);
});

test("a team's dead letters are listed, and no other team's", async () => {
  await settle();
  await connect(server.otherKey);
  const { body } = await api("GET", `${deliveries}?state=dead`);
  expect(body).toMatchObject({
    data: [
      {
        id: `evt_${callId}_4`,
        callId,
        type: "conversation-update",
        reason: "answered 410 Gone",
        nextAt: null,
      },
      { id: `evt_${callId}_2`, type: "status-update", attempts: 2 },
    ],
    totalCount: 2,
  });
  expect((await api("GET", deliveries, { key: server.otherKey })).body["totalCount"]).toBe(6);
});

test("one delivery is shown with its attempts, without secrets", async () => {
  await settle();
  const { body, status, text } = await api("GET", `${deliveries}/evt_${callId}_2`);
  expect(status).toBe(200);
  expect(body).toMatchObject({
    sequence: 2,
    state: "dead",
    attempts: 2,
    attemptLog: [attempt(1), attempt(2)],
  });
  expect(text).not.toContain("a secret of 22 letters");
  expectProblem(await api("GET", `${deliveries}/evt_${callId}_7`), 404);
  expectProblem(await api("GET", `${deliveries}/evt_${callId}_2`, { key: server.otherKey }), 404);
});

test("an event is sent again", async () => {
  await settle();
  const answered = await api("POST", `${deliveries}/evt_${callId}_2/redeliver`);
  expect(answered).toMatchObject({ status: 202, body: { accepted: true, events: [`evt_${callId}_2`] } });
  expect(server.woken()).toBe(1);
  expect(await server.store.findLane(callId as never)).toMatchObject({ again: [2] });
  expect(await list(`/calls/v1/conversations/${callId}/deliveries?state=retrying`)).toContainEqual({
    sequence: 2,
    state: "retrying",
  });
});

test("all dead letters of a call are sent again, in order", async () => {
  await settle();
  const answered = await api("POST", `${deliveries}/${callId}/redeliver`);
  expect(answered.body["events"]).toEqual([2, 4].map((sequence) => eventId(callId as never, sequence)));
  expect(await server.store.findLane(callId as never)).toMatchObject({ again: [2, 4] });
});

test("a call without dead letters has nothing to send again, and nobody is woken", async () => {
  const answered = await api("POST", `${deliveries}/${callId}/redeliver`);
  expect(answered).toMatchObject({ status: 202, body: { accepted: true, events: [] } });
  expect(server.woken()).toBe(0);
});

test("deliveries are chosen by type, time and assistant", async () => {
  await settle();
  const none = { json: { assistant: smallAssistant } };
  await api("POST", "/calls/v1/conversations/connect", none);
  expect(await list(`${deliveries}?type=status-update`)).toEqual([
    { sequence: 6, state: "pending" },
    { sequence: 2, state: "dead" },
    { sequence: 1, state: "delivered" },
  ]);
  expect(await list(`${deliveries}?state=dead&type=conversation-update`)).toEqual([
    { sequence: 4, state: "dead" },
  ]);
  expect(await list(`${deliveries}?endDate=2001-01-01`)).toEqual([]);
  expect(await list(`${deliveries}?assistantId=asst_unknown`)).toEqual([]);
  expectProblem(await api("GET", `${deliveries}?startDate=2026-01-02&endDate=2026-01-01`), 422);
  expectProblem(await api("GET", `${deliveries}?type=no-such-type`), 422);
  expectProblem(await api("GET", `${deliveries}?endDate=yesterday`), 422);
});

test("many events are sent again, each call's in their order", async () => {
  await settle();
  const other = await connect();
  const answered = await api("POST", `${deliveries}/redeliver`, { json: {} });
  expect(answered).toMatchObject({ status: 202, body: { accepted: true, events: 2, calls: 1, more: false } });
  expect(await server.store.findLane(callId as never)).toMatchObject({ again: [2, 4] });
  expect(await server.store.findLane(other as never)).toMatchObject({ again: [] });
  expect(server.woken()).toBe(1);
  const delivered = await api("POST", `${deliveries}/redeliver`, {
    json: { state: "delivered", type: "status-update" },
  });
  expect(delivered.body).toMatchObject({ events: 1, calls: 1 });
  expect(await server.store.findLane(callId as never)).toMatchObject({ again: [1, 2, 4] });
});

test("what is not named rightly is not sent again", async () => {
  await settle();
  const again = (json: JsonObject, key = server.key) => api("POST", `${deliveries}/redeliver`, { json, key });
  expectProblem(await again({ state: "pending" }), 422);
  expectProblem(await again({ since: "2026-01-01" }), 422);
  expect((await again({ startDate: "2100-01-01" })).body).toMatchObject({ events: 0, calls: 0 });
  expect((await again({}, server.otherKey)).body).toMatchObject({ events: 0, calls: 0 });
  expect(await server.store.findLane(callId as never)).toMatchObject({ again: [] });
  expect(server.woken()).toBe(0);
});

test("another team's events cannot be sent again", async () => {
  await settle();
  for (const id of [`evt_${callId}_2`, callId]) {
    expectProblem(await api("POST", `${deliveries}/${id}/redeliver`, { key: server.otherKey }), 404);
  }
  expect(await server.store.findLane(callId as never)).toMatchObject({ again: [] });
  expect(server.woken()).toBe(0);
});

test("a call without a Server URL has no deliveries", async () => {
  const { body } = await api("POST", "/calls/v1/conversations/connect", {
    json: { assistant: smallAssistant },
  });
  expect((await api("GET", `/calls/v1/conversations/${textAt(body, "id")}/deliveries`)).body).toEqual({
    data: [],
    page: 1,
    size: 20,
    totalCount: 0,
  } satisfies JsonObject);
});
