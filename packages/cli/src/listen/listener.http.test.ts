import { offhook } from "@offhook/client";
import { afterAll, beforeAll, expect, it } from "vitest";
import { objectOf, parseJson } from "../json.ts";
import { type TestApplication, testApplication } from "../testing/application.ts";
import { clerk } from "../testing/assistants.ts";
import { good, type TestServer, testKey, testServer } from "../testing/server.ts";
import { cursorFile } from "./cursor-file.ts";
import { HeardCalls } from "./heard-calls.ts";
import { lastCursor } from "./last-cursor.ts";
import { listen } from "./listener.ts";
import type { Passed } from "./local-application.ts";

const secret = "a secret for the trials";
let server: TestServer;
let application: TestApplication;
beforeAll(async () => {
  server = await testServer();
  application = await testApplication(secret);
});
afterAll(async () => {
  await application.close();
  await server.close();
});

/** A listener in this process; `stop` settles when it is over. */
function listening(name: string, forwardTo = application.url) {
  const stop = new AbortController();
  const passed: Passed[] = [];
  const file = cursorFile(server.folder, { url: server.url, forwardTo: name });
  const parts = {
    client: offhook({ url: server.url, apiKey: testKey, limits: { failuresMax: 1 } }),
    listened: "all" as const,
    application: {
      forwardTo,
      proof: { secret, auth: "signature" as const },
      timeoutMs: 5_000,
      onPassed: (one: Passed) => void passed.push(one),
    },
    file,
    note: () => undefined,
  };
  const over = listen(parts, file.read() ?? { cursor: 0, secret }, stop.signal);
  return {
    passed,
    file,
    stop: () => {
      stop.abort();
      return over;
    },
  };
}

const place = () => good(server.client.calls.connect({ assistant: clerk }));
const end = (id: string) => good(server.client.calls.control(id, { type: "end" }));
const sequencesOf = (callId: string) =>
  application.got.filter((one) => one.callId === callId && one.sequence > 0).map(({ sequence }) => sequence);
async function reported(callId: string): Promise<void> {
  const isThere = () =>
    application.got.some((one) => one.callId === callId && one.type === "end-of-call-report");
  await expect.poll(isThere, { timeout: 10_000 }).toBe(true);
}

it("passes on events and tool calls, and goes on where it was", async () => {
  const first = listening("a");
  const { id } = await place();
  await expect.poll(() => sequencesOf(id).length).toBeGreaterThan(0);
  const reply = await good(server.client.calls.say(id, "monday", { wait: true }));
  expect(reply.messages.at(-1)?.text).toBe("I found nine o'clock.");
  expect(await first.stop()).toBeUndefined();
  await end(id);
  const other = await place();
  await end(other.id);
  const second = listening("a");
  await reported(other.id);
  for (const callId of [id, other.id]) {
    const sequences = sequencesOf(callId);
    expect(sequences).toEqual(sequences.map((_, index) => index + 1));
  }
  await second.stop();
  expect(second.passed[0]?.letter.id).not.toBe(first.passed.at(-1)?.letter.id);
  // Everything was answered, so the next one has nothing to do.
  await expect.poll(() => lastCursor(server.client)).toBe(second.file.read()?.cursor);
});

it("counts an event as passed on only when it was answered", async () => {
  const { id } = await place();
  await end(id);
  const absent = listening("c", "http://127.0.0.1:1/hook");
  await expect.poll(() => absent.passed.length).toBeGreaterThan(0);
  await absent.stop();
  expect(absent.file.read()).toBeUndefined();
  const present = listening("c");
  await expect.poll(() => present.passed[0]?.letter.id).toBe(absent.passed[0]?.letter.id);
  await present.stop();
});

it("tells a call with a Server URL under the same ids as there", async () => {
  const there = await testApplication(secret);
  const listener = listening("b");
  const messages = ["status-update", "end-of-call-report"] as const;
  const assistantServer = { url: there.url, secret, messages: [...messages] };
  const { id } = await good(server.client.calls.connect({ assistant: { ...clerk, assistantServer } }));
  await end(id);
  await reported(id);
  const ids = (got: TestApplication["got"]) => got.filter(({ callId }) => callId === id).map((one) => one.id);
  await expect.poll(() => ids(there.got)).toEqual(ids(application.got));
  await listener.stop();
  await there.close();
});

it("finds the end of the events, however many there are", async () => {
  const last = await lastCursor(server.client);
  if (typeof last !== "number") throw new Error(last.failure);
  const refused = await server.client.events.list({ after: last + 1 });
  expect(refused).toMatchObject({ ok: false, problem: { code: "invalid" } });
  for (const count of [0, 1, 499, 500, 501, 70_123]) {
    let asked = 0;
    const list = async ({ after = 0, limit = 100 } = {}) => {
      asked += 1;
      if (after > 0 && after > count) return refused;
      const data = Array.from(
        { length: Math.max(0, Math.min(limit, count - after)) },
        (_, index) => after + index + 1,
      );
      const value = { data: data as never[], next: data.at(-1) ?? after, more: after + limit < count };
      return { ok: true as const, value };
    };
    expect(await lastCursor({ events: { ...server.client.events, list } })).toBe(count);
    expect(asked).toBeLessThan(30);
  }
  expect(last).toBeGreaterThan(0);
});

it("says with the next event what was given up", async () => {
  const { id } = await place();
  await end(id);
  const { data } = await good(server.client.calls.events(id));
  const calls = new HeardCalls(server.client, "all");
  const messages: { sequence: number; missed: unknown }[] = [];
  for (const event of data) {
    const told = await calls.told(event);
    if (told === undefined || "failure" in told) continue;
    messages.push({
      sequence: told.sequence,
      missed: objectOf(objectOf(parseJson(told.letter.body))["message"])["missed"],
    });
    calls.settle(told, told.sequence > 2);
  }
  expect(messages.slice(0, 4)).toEqual([
    { sequence: 1, missed: undefined },
    { sequence: 2, missed: [1] },
    { sequence: 3, missed: [1, 2] },
    { sequence: 4, missed: undefined },
  ]);
});
