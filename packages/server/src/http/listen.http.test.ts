import { defaultTeam, listenedToolCall } from "@offhook/protocol";
import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "../clock.ts";
import { Listening } from "../listening/listening.ts";
import { silentLog } from "../log.ts";
import { type Api, apiOf, textAt } from "./testing/api.ts";
import { openServer, smallAssistant, type TestServer } from "./testing/open-server.ts";
import { openStream, type OpenStream } from "./testing/read-stream.ts";

let listeners: Listening;
let server: TestServer;
let api: Api;
let stream: OpenStream | undefined;
beforeEach(async () => {
  listeners = new Listening({
    clock: systemClock,
    log: silentLog,
    store: { isShared: false, nodes: async () => [] },
  });
  server = await openServer({ listeners });
  api = apiOf(server);
});
afterEach(async () => {
  await stream?.close();
  await server.close();
});

const sought = { teamId: defaultTeam, assistantId: "asst-1" };
const call = {
  id: "t1",
  callId: "TC-1",
  assistantId: "asst-1",
  name: "findSlots",
  attempt: 1,
  body: "{}",
  timeoutMs: 9_000,
};

async function listen(query: string): Promise<OpenStream> {
  stream = await openStream(server, `/events/v1/listen?${query}`);
  // The first block says when to come back.
  await stream.next();
  return stream;
}

test("brings entries and tool calls over one connection, and takes the answers", async () => {
  const opened = await listen("assistants=asst-1,asst-2");
  const connected = await api("POST", "/calls/v1/conversations/connect", {
    json: { assistant: smallAssistant },
  });
  const [first] = await opened.entries(1);
  expect(first).toMatchObject({ callId: textAt(connected.body, "id"), type: "call-created" });

  const outcome = listeners.offer(sought, call);
  let block = await opened.next();
  while (block?.event !== "tool-call") block = await opened.next();
  expect(block).not.toHaveProperty("id");
  expect(listenedToolCall.parse(JSON.parse(block.data ?? ""))).toEqual(call);
  const say = (json: object) => api("POST", "/events/v1/listen/t1", { json: { ...json } });
  expect((await say({ type: "taken" })).status).toBe(204);
  expect((await say({ type: "answered", status: 200, body: "nine" })).status).toBe(204);
  expect(await outcome).toMatchObject({ kind: "answered", body: Buffer.from("nine") });
  expect(await say({ type: "answered", status: 200, body: "nine" })).toMatchObject({ status: 404 });
});

test("listens for as long as the stream is open", async () => {
  const opened = await listen("assistants=all");
  expect(listeners.has(sought)).toBe(true);
  await opened.close();
  await expect.poll(() => listeners.has(sought)).toBe(false);
});

test("ends the stream of a listener that does not take what it is offered", async () => {
  const opened = await listen("assistants=all");
  expect(await listeners.offer(sought, call)).toBe("untaken");
  let block = await opened.next();
  while (block !== undefined) block = await opened.next();
  expect(listeners.has(sought)).toBe(false);
});

test.each([
  ["no assistants", "after=3", 422],
  ["an empty list", "assistants=", 422],
  ["a cursor that is none", "assistants=all&after=x", 422],
  ["a cursor that the store has not come to", "assistants=all&after=9", 422],
  ["too many assistants", `assistants=${Array.from({ length: 101 }, (_, index) => `a${index}`).join()}`, 422],
])("refuses %s", async (_name, query, status) => {
  expect((await api("GET", `/events/v1/listen?${query}`)).status).toBe(status);
});

test.each([
  ["what is no answer", { type: "given" }, 422],
  ["a status that is none", { type: "answered", status: 9, body: "" }, 422],
  ["an answer that nobody waits for", { type: "taken" }, 404],
])("refuses %s", async (_name, json, status) => {
  expect((await api("POST", "/events/v1/listen/t9", { json: { ...json } })).status).toBe(status);
});

test("says so when it cannot know whether an answer was heard", async () => {
  const deaf = await openServer({
    listeners: { attach: () => listeners.attach(defaultTeam, "all"), answer: async () => "unknown" },
  });
  const json = { type: "taken" };
  const answer = await apiOf(deaf)("POST", "/events/v1/listen/t9", { json });
  await deaf.close();
  expect(answer).toMatchObject({ status: 504, body: { code: "outcome-unknown" } });
});

test("does not hear another team", async () => {
  await listen("assistants=all");
  void listeners.offer(sought, call);
  const json = { type: "taken" };
  expect((await api("POST", "/events/v1/listen/t1", { json, key: server.otherKey })).status).toBe(404);
});
