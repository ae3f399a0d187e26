import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AssistantInput, type Client, offhook } from "@offhook/client";
import type { LiveUpdate } from "@offhook/protocol";
import { type App, openApp, toConfig } from "@offhook/server";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { echo } from "./testing/assistants.ts";

// The client against the real server: here, for the client itself opens nothing but the protocol.
const apiKey = "a-key-for-tests-only";
const folder = mkdtempSync(join(tmpdir(), "offhook-client-"));
let app: App;
let client: Client;

beforeAll(async () => {
  app = await openApp(
    toConfig({
      OFFHOOK_PORT: "0",
      OFFHOOK_DATA: folder,
      OFFHOOK_API_KEY: apiKey,
      OFFHOOK_LOG_LEVEL: "silent",
    }),
  );
  client = offhook({ url: app.url, apiKey });
});
afterAll(async () => {
  await app.close();
  rmSync(folder, { recursive: true });
});

async function good<Value>(
  answer: Promise<{ ok: true; value: Value } | { ok: false; problem: unknown }>,
): Promise<Value> {
  const read = await answer;
  if (!read.ok) throw new Error(JSON.stringify(read.problem));
  return read.value;
}

const placed = (body: AssistantInput) => good(client.calls.connect({ assistant: body }));

describe("what is kept", () => {
  it.each([
    ["assistants", { name: "Ada", custom: 7 }, { name: "Grace" }],
    ["tools", { name: "findSlots" }, { description: "Finds slots." }],
    ["numbers", { number: "+4930123" }, { assistantId: "asst-1" }],
  ] as const)("creates, lists, gets, updates and removes %s", async (kind, body, patch) => {
    const shelf: Client["numbers"] | Client["tools"] | Client["assistants"] = client[kind];
    const made = await good(shelf.create({ number: "", name: "", ...body }));
    expect(made).toMatchObject(body);
    expect((await good(shelf.list())).data).toEqual([made]);
    expect(await good(shelf.update(made._id, patch))).toMatchObject({ ...body, ...patch });
    expect(await good(shelf.get(made._id))).toMatchObject(patch);
    expect(await good(shelf.remove(made._id))).toBeUndefined();
    expect(await shelf.get(made._id)).toMatchObject({
      ok: false,
      problem: { code: "not-found", status: 404 },
    });
  });

  it("is shown with its secrets masked, which an update keeps", async () => {
    const assistantServer = {
      url: "https://example.org/hook",
      secret: "a secret of ours",
      headers: { "x-api-key": "k" },
    };
    const made = await good(client.assistants.create({ name: "Ada", assistantServer }));
    expect(JSON.stringify(made)).not.toContain("a secret of ours");
    expect(await good(client.assistants.update(made._id, { ...made, name: "Grace" }))).toMatchObject({
      name: "Grace",
    });
    await good(client.assistants.remove(made._id));
  });

  it("is refused with every fault by its path", async () => {
    const answer = await client.assistants.create({ name: "", maxCallDuration: -1 });
    expect(answer).toMatchObject({
      ok: false,
      problem: { code: "invalid", errors: [{ path: "/name" }, { path: "/maxCallDuration" }] },
    });
  });
});

describe("a call", () => {
  it("is talked through, and all of it can be read", async () => {
    const { id } = await placed(echo);
    const reply = await good(client.calls.say(id, "hello", { wait: true }));
    expect(reply).toMatchObject({
      outcome: "answered",
      messages: [{ role: "assistant", text: "I hear you." }],
    });
    expect(await good(client.calls.say(id, "still there?"))).toBeUndefined();
    expect(await good(client.calls.control(id, { type: "end" }))).toBeUndefined();
    await expect.poll(async () => (await good(client.calls.get(id))).metrics).toMatchObject({ errors: 0 });
    const { messages, endedReason } = await good(client.calls.get(id));
    expect([messages.at(0)?.text, messages.at(1)?.text, endedReason]).toEqual([
      "Hi Ada!",
      "hello",
      "control-ended",
    ]);
    expect(await client.calls.say(id, "hello?")).toMatchObject({
      ok: false,
      problem: { code: "call-finished" },
    });
    const first = await good(client.calls.events(id, { limit: 3 }));
    expect(first).toMatchObject({ more: true, next: 3 });
    const rest = await good(client.calls.events(id, { after: first.next }));
    expect(rest.data.at(-1)?.type).toBe("reported");
    expect((await good(client.calls.deliveries(id))).totalCount).toBe(0);
    expect((await good(client.calls.list({ status: "finished" }))).data.map((call) => call.id)).toContain(id);
  });

  it("is followed as it happens, by all who are in the team", async () => {
    const { next } = await good(client.events.list({ limit: 500 }));
    const { id } = await placed(echo);
    const types: string[] = [];
    let hungUp = false;
    for await (const event of client.events.follow({ after: next })) {
      if (!event.ok) throw new Error(event.problem.detail);
      if (event.value.callId !== id) continue;
      types.push(event.value.type);
      if (event.value.type === "reported") break;
      if (!hungUp) await good(client.calls.control(id, { type: "end" }));
      hungUp = true;
    }
    expect(types.at(0)).toBe("call-created");
    const { data } = await good(client.calls.events(id));
    expect(types).toEqual(data.map(({ type }) => type));
  });
});

describe("a live session", () => {
  async function live(body: AssistantInput) {
    const call = await placed(body);
    return { call, session: await good(client.calls.live(call)) };
  }

  it("shows a call as it happens, and ends with it", async () => {
    const { session } = await live(echo);
    const updates: LiveUpdate[] = [];
    for await (const update of session) {
      updates.push(update);
      if (update.type !== "message" || update.message.role !== "assistant") continue;
      if (update.message.text === "Hi Ada!") expect(session.say("hello")).toBe(true);
      else expect(session.end()).toBe(true);
    }
    const texts = updates.flatMap((update) => (update.type === "message" ? [update.message.text] : []));
    expect(texts).toEqual(["Hi Ada!", "hello", "I hear you."]);
    const pieces = updates.flatMap((update) => (update.type === "delta" ? [update.text] : []));
    expect(pieces.join("")).toBe("I hear you.");
    expect(updates.at(-1)).toEqual({ type: "status", status: "finished", endedReason: "user-hung-up" });
    expect(session.say("hello?")).toBe(false);
  });

  it("may be left while the call goes on", async () => {
    const { call, session } = await live(echo);
    for await (const _update of session) break;
    expect(session.end()).toBe(false);
    await expect.poll(async () => (await good(client.calls.get(call.id))).status).toBe("ongoing");
    await good(client.calls.control(call.id, { type: "end" }));
  });

  it("is refused with the wrong token, and at what is no address", async () => {
    const { monitor } = await placed(echo);
    for (const liveUrl of [monitor.liveUrl.slice(0, -3), "http://127.0.0.1:1/live", "live"]) {
      const answer = await client.calls.live({ monitor: { ...monitor, liveUrl } });
      expect(answer).toMatchObject({ ok: false, problem: { code: "unreachable" } });
      expect(JSON.stringify(answer)).not.toContain("token=");
    }
  });

  it("ends with an error when nobody reads it", async () => {
    const hasty = offhook({ url: app.url, apiKey, limits: { waitingMax: 1 } });
    const session = await good(hasty.calls.live(await placed(echo)));
    const updates: LiveUpdate[] = [];
    await expect.poll(() => session.say("hello")).toBe(false);
    for await (const update of session) updates.push(update);
    expect(updates.at(-1)).toMatchObject({ type: "error", code: "connection-lost" });
  });

  it("shows how the call ends when the server stops", async () => {
    const passing = await openApp(
      toConfig({
        OFFHOOK_PORT: "0",
        OFFHOOK_DATA: `${folder}/passing`,
        OFFHOOK_API_KEY: apiKey,
        OFFHOOK_LOG_LEVEL: "silent",
        OFFHOOK_STOP_SECONDS: "1",
      }),
    );
    const other = offhook({ url: passing.url, apiKey });
    const call = await good(other.calls.connect({ assistant: echo }));
    const session = await good(other.calls.live(call));
    const updates: LiveUpdate[] = [];
    let closed: Promise<void> | undefined;
    for await (const update of session) if (updates.push(update) === 1) closed = passing.close();
    expect(updates.at(-1)).toMatchObject({
      type: "status",
      status: "finished",
      endedReason: "server-stopped",
    });
    await closed;
    expect(await other.calls.get(call.id)).toMatchObject({ ok: false, problem: { code: "unreachable" } });
  });
});
