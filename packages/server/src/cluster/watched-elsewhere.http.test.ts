import { type CallId, type EventView, eventView } from "@offhook/protocol";
import { afterEach, expect, test, vi } from "vitest";
import { openBus } from "../bus/in-process.ts";
import { lookingBus } from "../bus/looking-bus.ts";
import { journalOfCall } from "../calls/journal-tail.ts";
import { systemClock } from "../clock.ts";
import { EventStreams } from "../http/event-stream.ts";
import { problemOf } from "../http/problem.ts";
import { openLive } from "../live/live.ts";
import { serve } from "../live/server.ts";
import { type LiveClient, openClient } from "../live/testing/live-client.ts";
import { liveTokens } from "../live/token.ts";
import { silentLog } from "../log.ts";
import { connecting } from "../testing/house.ts";
import { Cluster } from "./testing/cluster.ts";

const body = connecting({ name: "Echo", assistantProvider: "rehearsal", welcomeMessage: "Welcome." });
const patience = { timeout: 10_000 };

const opened = new Set<{ close(): Promise<void> }>();
afterEach(async () => {
  for (const one of opened) await one.close();
  opened.clear();
});

/** A call at one server, and another server that hears no news of it at all. */
async function callElsewhere() {
  const cluster = new Cluster();
  const one = cluster.join("one");
  const { store, log } = one;
  const bus = lookingBus({ bus: openBus(), store, clock: cluster.clock, log });
  const two = cluster.join("two", { bus });
  const call = await one.doors.connect({ teamId: one.teamId, body });
  if ("refused" in call) throw new Error(call.detail);
  await cluster.clock.advance(1_000);
  return { cluster, one, two, whom: { teamId: one.teamId, callId: call.id as CallId } };
}

async function watch({ cluster, two, whom }: Awaited<ReturnType<typeof callElsewhere>>): Promise<LiveClient> {
  const tokens = liveTokens("a secret");
  const parts = { store: two.store, bus: two.bus, clock: cluster.clock, log: silentLog, tokens, problemOf };
  const live = openLive({ ...parts, calls: two.doors, authenticate: async () => undefined });
  const app = { fetch: () => new Response(null, { status: 404 }) };
  const where = { port: 0, host: "127.0.0.1" };
  const served = await serve({ app, live, problemOf, ...where, clock: systemClock, log: silentLog });
  opened.add(served);
  const path = `/calls/v1/conversations/${whom.callId}/live?token=${tokens.make(whom.callId)}`;
  const client = await openClient(`${served.url.replace("http", "ws")}${path}`);
  if ("status" in client) throw new Error(`refused with ${client.status}`);
  return client;
}

function textsOf({ updates }: LiveClient): string[] {
  return updates.flatMap((update) => (update.type === "message" ? [update.message.text ?? ""] : []));
}

test("a live socket at another server shows the call, says words in it and sees its end, without any news", async () => {
  const house = await callElsewhere();
  const { cluster } = house;
  const client = await watch(house);
  await vi.waitFor(() => expect(textsOf(client)).toEqual(["Welcome."]), patience);
  expect(client.updates.at(-1)).toMatchObject({ type: "state", assistant: "listening" });
  client.send({ type: "say", text: "Hello" });
  await vi.waitFor(async () => {
    await cluster.clock.advance(500);
    expect(textsOf(client)).toEqual(["Welcome.", "Hello", expect.any(String)]);
  }, patience);
  client.send({ type: "end" });
  await vi.waitFor(async () => {
    await cluster.clock.advance(500);
    expect(client.updates).toContainEqual(expect.objectContaining({ type: "status", status: "finished" }));
  }, patience);
  expect((await client.closed).code).toBe(1_000);
});

test("a live socket is told that its call is between two servers, and stays", async () => {
  const house = await callElsewhere();
  const client = await watch(house);
  await client.until(1);
  house.cluster.lose("one");
  client.send({ type: "say", text: "Hello" });
  await vi.waitFor(
    () =>
      expect(client.updates).toContainEqual(expect.objectContaining({ type: "error", code: "taking-over" })),
    patience,
  );
  expect(client.socket.readyState).toBe(client.socket.OPEN);
});

test("a stream of events at another server has each entry once and in order, within 2 s, without any news", async () => {
  const { cluster, one, two, whom } = await callElsewhere();
  const stop = new AbortController();
  const streams = new EventStreams({ clock: cluster.clock, log: silentLog, stopping: stop.signal });
  const stream = streams.open(journalOfCall(two, whom), 0);
  if ("refused" in stream) throw new Error(stream.detail);
  const seen: EventView[] = [];
  const reading = (async () => {
    const decoder = new TextDecoder();
    for await (const bytes of stream)
      for (const [, data = ""] of decoder.decode(bytes, { stream: true }).matchAll(/^data: (.*)$/gmu))
        seen.push(eventView.parse(JSON.parse(data)));
  })();
  await one.doors.hear({ ...whom, text: "Hello" });
  await cluster.clock.advance(2_000);
  const written = await one.store.entriesOfCall({ callId: whom.callId, after: 0, limit: 1_000 });
  await vi.waitFor(
    () => expect(seen.map(({ cursor }) => cursor)).toEqual(written.map(({ seq }) => seq)),
    patience,
  );
  stop.abort();
  await reading;
});
