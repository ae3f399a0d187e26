import { type Client, offhook } from "@offhook/client";
import type { EventView, ListenedToolCall } from "@offhook/protocol";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Engines, openCluster, openEngines } from "../testing/cluster/cluster.ts";
import { natsMissing } from "../testing/nats-server.ts";
import { missingPostgres } from "../testing/postgres.ts";
import { openReceiver, type Receiver } from "../testing/receiver.ts";
import { messageIn, testKey } from "../testing/running-app.ts";

const missing = missingPostgres() ?? natsMissing();
if (missing !== undefined)
  process.stdout.write(`${missing}; listeners of several servers are not looked at\n`);
// In CI it must be there: a check that is passed over there is none.
const isPassedOver = missing !== undefined && process.env["CI"] === undefined;

const patience = { timeout: 20_000 };
const testMaxMs = 90_000;

describe.skipIf(isPassedOver)("servers that share a store", () => {
  let engines: Engines;
  const opened: { close(): Promise<void> }[] = [];
  beforeAll(async () => {
    engines = await openEngines();
  }, testMaxMs);
  afterEach(async () => {
    for (const one of opened.splice(0).toReversed()) await one.close();
  }, testMaxMs);
  afterAll(() => engines.close());

  /** Calls are placed at A; somebody listens at B; C only helps. */
  async function openHouse(way: string) {
    const env = way === "NATS" ? {} : { OFFHOOK_BUS: "" };
    const cluster = await openCluster({ aheadMs: [0, 0, 0], engines, env });
    opened.push(cluster);
    const receiver = await openReceiver({
      script: (request) => ({
        act: "answer",
        body: JSON.stringify(isToolCall(request) ? { result: "from the Server URL" } : {}),
      }),
    });
    opened.push(receiver);
    const [a, b, c] = cluster.members.map(({ server }) =>
      offhook({ url: server.url, apiKey: testKey, limits: { failuresMax: 1 } }),
    );
    if (a === undefined || b === undefined || c === undefined) throw new Error("there are three servers");
    const assistant = await placed(a, receiver);
    return { cluster, receiver, a, b, c, assistant };
  }

  describe.each(["NATS", "HTTP"])("over %s", (way) => {
    test(
      "a listener has the events and tool calls of calls that another holds, and answers them anywhere",
      async () => {
        const { receiver, a, b, c, assistant } = await openHouse(way);
        const listener = listenAt(b, assistant);
        await listener.ready();
        for (const door of [a, b, c]) {
          const talk = await talkAt(a, assistant);
          const [call] = await listener.asked(1);
          expect(call).toMatchObject({ callId: talk.callId, assistantId: assistant, attempt: 1 });
          const id = call?.id ?? "";
          expect(await door.listening.answer(id, { type: "taken" })).toMatchObject({ ok: true });
          const body = '{"result":"from the listener"}';
          const answer = { type: "answered", status: 200, headers: {}, body } as const;
          expect(await door.listening.answer(id, answer)).toMatchObject({ ok: true });
          expect(await talk.reply).toBe("I found from the listener.");
          expect(await door.listening.answer(id, answer)).toMatchObject({
            ok: false,
            problem: { status: 404 },
          });
          await expect.poll(() => listener.seqsOf(talk.callId), patience).toEqual(await talk.seqs());
        }
        expect(toolCallsAt(receiver)).toBe(0);
        listener.stop();
        await expect
          .poll(async () => (await talkAt(a, assistant)).reply, patience)
          .toBe("I found from the Server URL.");
      },
      testMaxMs,
    );

    test(
      "a tool call that a listener of a killed server had is asked nowhere else, the next one is",
      async () => {
        const { cluster, receiver, a, b, assistant } = await openHouse(way);
        const listener = listenAt(b, assistant);
        await listener.ready();
        const talk = await talkAt(a, assistant);
        const [call] = await listener.asked(1);
        expect(await b.listening.answer(call?.id ?? "", { type: "taken" })).toMatchObject({ ok: true });
        const begunAt = performance.now();
        await cluster.members[1]?.server.kill();
        expect(await talk.reply).toContain("could not be reached");
        expect(performance.now() - begunAt).toBeLessThan(15_000);
        expect(toolCallsAt(receiver)).toBe(0);
        const next = await talkAt(a, assistant);
        expect(await next.reply).toBe("I found from the Server URL.");
        expect(toolCallsAt(receiver)).toBe(1);
        listener.stop();
      },
      testMaxMs,
    );
  });
});

/** An assistant that is asked about Monday asks its tool, and says what that said. */
async function placed(client: Client, receiver: Receiver): Promise<string> {
  const made = await client.assistants.create({
    name: "Clerk",
    assistantProvider: "rehearsal",
    assistantModel: "rehearsal",
    assistantServer: { url: receiver.url, timeoutSeconds: 20 },
    tools: [{ name: "findSlots", parameters: { type: "object", properties: {} } }],
    rehearsal: {
      rules: [
        { when: ["monday"], call: [{ name: "findSlots", arguments: {} }] },
        { after: "findSlots", say: "I found {{result}}." },
      ],
      otherwise: "Which day?",
    },
  });
  if (!made.ok) throw new Error(made.problem.detail);
  return made.value._id;
}

/** A call in which a tool is called; `reply` is what the assistant says then. */
async function talkAt(client: Client, assistantId: string) {
  const connected = await client.calls.connect({ assistantId });
  if (!connected.ok) throw new Error(connected.problem.detail);
  const callId = connected.value.id;
  const reply = client.calls.say(callId, "On Monday", { wait: true }).then((said) => {
    if (!said.ok) throw new Error(said.problem.detail);
    return said.value.messages.at(-1)?.text ?? "";
  });
  const seqs = async (): Promise<number[]> => {
    const events = await client.calls.events(callId);
    if (!events.ok) throw new Error(events.problem.detail);
    return events.value.data.map(({ seq }) => seq);
  };
  return { callId, reply, seqs };
}

function listenAt(client: Client, assistantId: string) {
  const stop = new AbortController();
  const calls: ListenedToolCall[] = [];
  const events: EventView[] = [];
  const follow = async (): Promise<void> => {
    const onToolCall = (call: ListenedToolCall): void => void calls.push(call);
    const { signal } = stop;
    for await (const event of client.listening.follow({ assistants: [assistantId], onToolCall, signal }))
      if (event.ok) events.push(event.value);
  };
  void follow();
  return {
    stop: () => stop.abort(),
    /** Waits until it listens, and everybody knows. */
    async ready() {
      const talk = await client.calls.connect({ assistantId });
      if (!talk.ok) throw new Error(talk.problem.detail);
      await expect.poll(() => events.map(({ callId }) => callId), patience).toContain(talk.value.id);
      events.length = 0;
    },
    /** Takes so many tool calls out of what came. */
    async asked(count: number) {
      await expect.poll(() => calls.length, patience).toBeGreaterThanOrEqual(count);
      return calls.splice(0, count);
    },
    seqsOf: (callId: string) => events.filter((event) => event.callId === callId).map(({ seq }) => seq),
  };
}

function toolCallsAt({ requests }: Receiver): number {
  return requests.filter(isToolCall).length;
}

function isToolCall(request: Parameters<typeof messageIn>[0]): boolean {
  return messageIn(request)["type"] === "function-call";
}
