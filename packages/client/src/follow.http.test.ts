import type { ServerResponse } from "node:http";
import { afterEach, expect, it } from "vitest";
import { offhook } from "./client.ts";
import { sleep } from "./clock.ts";
import { answerJson, type FakeServer, openFakeServer, type Seen } from "./testing/fake-server.ts";
import { eventSample, problemSample } from "./testing/samples.ts";

let server: FakeServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const limits = { silenceMaxMs: 200, reconnectFirstMs: 5, reconnectLastMs: 10, failuresMax: 3 };

type Step = (response: ServerResponse) => void;

/** A server whose n-th request is answered by the n-th step; after the last it holds. */
async function serving(...steps: Step[]) {
  let count = 0;
  const opened = await openFakeServer((_request: Seen, response) => steps[count++]?.(response));
  server = opened;
  return { client: offhook({ url: opened.url, apiKey: "k", limits }), seen: opened.seen };
}

const frame = (cursor: number): string => `id: ${cursor}\ndata: ${JSON.stringify(eventSample(cursor))}\n\n`;

function stream(...frames: string[]): Step {
  return (response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.end(frames.join(""));
  };
}

async function take(events: AsyncIterable<{ ok: boolean }>, count: number): Promise<unknown[]> {
  const taken: unknown[] = [];
  for await (const event of events) if (taken.push(event) === count) break;
  return taken;
}

const good = (cursor: number) => ({ ok: true, value: eventSample(cursor) });

it("goes on from the last cursor when the stream ends, without a gap or a repetition", async () => {
  const half = frame(3).slice(0, 30);
  const { client, seen } = await serving(
    stream("retry: 1\n\n", frame(1), ": still here\n\n", frame(2), half),
    stream(frame(3)),
  );
  expect(await take(client.events.follow(), 3)).toEqual([good(1), good(2), good(3)]);
  expect(seen.map(({ path }) => path)).toEqual(["/events/v1/events?after=0", "/events/v1/events?after=2"]);
  expect(seen[0]).toMatchObject({ accept: "text/event-stream", authorization: "Bearer k" });
});

it("goes on after the server has cut it with a reason, or could not take it", async () => {
  const { client, seen } = await serving(
    stream(frame(5), 'event: error\ndata: {"code":"too-slow"}\n\n'),
    (response) => answerJson(response, 503, { ...problemSample, status: 503, code: "stopping" }),
    stream(frame(6)),
  );
  expect(await take(client.calls.follow("TC-1", { after: 4 }), 2)).toEqual([good(5), good(6)]);
  expect(seen.map(({ path }) => path.split("?")[1])).toEqual(["after=4", "after=5", "after=5"]);
});

it.each<[string, Step, string]>([
  ["a refusal", (response) => answerJson(response, 404, problemSample), "not-found"],
  ["an answer that is no stream", (response) => answerJson(response, 200, { data: [] }), "not-understood"],
  ["an event that does not fit", stream('data: {"cursor": 1}\n\n'), "not-understood"],
])("ends with %s as a problem", async (_name, step, code) => {
  const { client, seen } = await serving(step, step);
  expect(await take(client.events.follow(), 9)).toMatchObject([{ ok: false, problem: { code } }]);
  expect(seen).toHaveLength(1);
});

it("lets go of the connection when the loop is left, and ends when it is told to stop", async () => {
  const ended: string[] = [];
  const hold: Step = (response) => {
    response.writeHead(200, { "content-type": "text/event-stream" }).write(frame(1));
    response.on("close", () => ended.push("closed"));
  };
  const { client } = await serving(hold, hold);
  await take(client.events.follow(), 1);
  const stop = new AbortController();
  for await (const _event of client.events.follow({ signal: stop.signal })) stop.abort();
  await expect.poll(() => ended).toEqual(["closed", "closed"]);
});

it("takes a server that falls silent for lost, but waits for a slow reader", async () => {
  let first: ServerResponse | undefined;
  const hold: Step = (response) => {
    first = response.writeHead(200, { "content-type": "text/event-stream" });
    first.write(frame(1));
  };
  const { client, seen } = await serving(hold, stream(frame(3)));
  const connections: number[] = [];
  for await (const event of client.events.follow()) {
    expect(event).toEqual(good(connections.push(seen.length)));
    if (connections.length === 3) break;
    if (connections.length > 1) continue;
    await sleep(limits.silenceMaxMs * 1.5);
    first?.write(frame(2));
  }
  expect(connections).toEqual([1, 1, 2]);
  expect(seen.map(({ path }) => path.split("?")[1])).toEqual(["after=0", "after=2"]);
});

it("gives up after so many failures in a row", async () => {
  const busy: Step = (response) => answerJson(response, 503, { ...problemSample, code: "stopping" });
  const { client, seen } = await serving(busy, stream(frame(1)), busy, busy, busy);
  const taken = await take(client.events.follow(), 9);
  expect(taken).toMatchObject([good(1), { ok: false, problem: { code: "stopping" } }]);
  expect(seen).toHaveLength(4);
});

it("hands tool calls aside, and goes on with the events", async () => {
  const call = {
    id: "t1",
    callId: "TC-1",
    assistantId: null,
    name: "findSlots",
    attempt: 1,
    body: "{}",
    timeoutMs: 9_000,
  };
  const { client, seen } = await serving(
    stream(frame(1), `event: tool-call\ndata: ${JSON.stringify(call)}\n\n`, frame(2)),
    // It may have been heard; it counts once.
    (response) => response.writeHead(504).end(),
    (response) => response.writeHead(204).end(),
  );
  const heard: unknown[] = [];
  const onToolCall = (one: unknown): void => void heard.push(one);
  const events = client.listening.follow({ after: 0, assistants: ["a", "b"], onToolCall });
  expect(await take(events, 2)).toEqual([good(1), good(2)]);
  expect(heard).toEqual([call]);
  expect(seen[0]?.path).toBe("/events/v1/listen?after=0&assistants=a%2Cb");
  expect(await client.listening.answer("t1", { type: "taken" })).toEqual({ ok: true, value: undefined });
  const said = { method: "POST", path: "/events/v1/listen/t1", body: '{"type":"taken"}' };
  expect(seen.slice(1)).toMatchObject([said, said]);
});
