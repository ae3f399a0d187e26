import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type App, openApp, toConfig } from "@offhook/server";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Answer } from "./answer.ts";
import { type Client, offhook } from "./client.ts";

const apiKey = "a-key-for-tests-only";
const folder = mkdtempSync(join(tmpdir(), "offhook-client-"));
const hook = createServer((request, response) => {
  request.resume().on("end", () => response.end('{"result":"nine o\'clock"}'));
});
let app: App;
let client: Client;
let hookUrl = "";

beforeAll(async () => {
  await new Promise<void>((resolve) => hook.listen(0, "127.0.0.1", resolve));
  const address = hook.address();
  hookUrl = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/`;
  app = await openApp(
    toConfig({
      OFFHOOK_PORT: "0",
      OFFHOOK_DATA: folder,
      OFFHOOK_API_KEY: apiKey,
      OFFHOOK_EGRESS_ALLOW: "loopback",
      OFFHOOK_LOG_LEVEL: "silent",
    }),
  );
  client = offhook({ url: app.url, apiKey });
});
afterAll(async () => {
  await app.close();
  hook.close();
  rmSync(folder, { recursive: true });
});

async function good<Value>(asked: Promise<Answer<Value>>): Promise<Value> {
  const answer = await asked;
  if (!answer.ok) throw new Error(JSON.stringify(answer.problem));
  return answer.value;
}

async function all<Value>(items: AsyncIterable<Answer<Value>>): Promise<Value[]> {
  const values: Value[] = [];
  for await (const item of items) values.push(await good(Promise.resolve(item)));
  return values;
}

const assistant = { name: "Echo", assistantProvider: "rehearsal" } as const;

describe("a call that is asked for again", () => {
  it("is the same call, for the same key, also at the same time", async () => {
    const connect = () => client.calls.connect({ assistant }, { idempotencyKey: "order-1" });
    const [first, ...others] = await Promise.all([connect(), connect(), connect()].map((one) => good(one)));
    expect(others.map(({ id }) => id)).toEqual([first!.id, first!.id]);
    await good(client.calls.control(first!.id, { type: "end" }));
    expect((await good(connect())).id).toBe(first!.id);
    expect((await good(client.calls.list())).data.filter(({ id }) => id === first!.id)).toHaveLength(1);
  });

  it("is another for another key, and for none", async () => {
    const ids = [
      await good(client.calls.connect({ assistant }, { idempotencyKey: "order-2" })),
      await good(client.calls.connect({ assistant }, { idempotencyKey: "order-3" })),
      await good(client.calls.connect({ assistant })),
      await good(client.calls.connect({ assistant })),
    ].map(({ id }) => id);
    expect(new Set(ids).size).toBe(4);
  });

  it("is made once when the answer to the first request was lost", async () => {
    let lost = 0;
    const losing: typeof fetch = async (...given) => {
      const answer = await fetch(...given);
      lost += 1;
      if (lost === 1) throw new TypeError("the connection broke");
      return answer;
    };
    const before = (await good(client.calls.list())).totalCount;
    const limits = { retryFirstMs: 1 };
    await good(offhook({ url: app.url, apiKey, fetch: losing, limits }).calls.connect({ assistant }));
    expect(lost).toBe(2);
    expect((await good(client.calls.list())).totalCount).toBe(before + 1);
  });

  it("is refused with a key that is none", async () => {
    const answer = await client.calls.connect({ assistant }, { idempotencyKey: "x".repeat(256) });
    expect(answer).toMatchObject({ ok: false, problem: { status: 422 } });
  });
});

describe("a list page after page", () => {
  it("gives every item once", async () => {
    for (let number = 0; number < 5; number++)
      await good(client.tools.create({ name: `tool${number}`, description: "" }));
    const names = (await all(client.tools.each({ size: 2 }))).map((tool) => String(tool["name"]));
    expect(names.toSorted()).toEqual(["tool0", "tool1", "tool2", "tool3", "tool4"]);
    expect(await all(client.tools.each())).toHaveLength(5);
    expect((await all(client.calls.each({ size: 1 }))).length).toBeGreaterThan(3);
    expect(await all(client.deliveries.each({ state: "dead" }))).toEqual([]);
  });

  it("ends with the problem, if there is one", async () => {
    const stranger = offhook({ url: app.url, apiKey: "no-key-of-ours" });
    const turns = [];
    for await (const turn of stranger.assistants.each()) turns.push(turn);
    expect(turns).toMatchObject([{ ok: false, problem: { code: "unauthorized" } }]);
  });
});

describe("what is tried out", () => {
  it("tests a tool, and sends a sample event", async () => {
    const tool = await good(
      client.tools.create({ name: "findSlots", description: "", server: { url: hookUrl } }),
    );
    const tried = await good(client.tools.test(tool._id, { day: "Monday" }));
    expect(JSON.stringify(tried)).toContain("nine o'clock");
    const sent = await good(client.events.sendSample({ url: hookUrl, type: "hang" }));
    expect(sent).toMatchObject({ outcome: "accepted" });
    const server = { url: hookUrl, secret: "a secret that is kept", headers: { "x-shop-key": "k-1" } };
    const made = await good(client.assistants.create({ name: "Ada", assistantServer: server }));
    const kept = await good(client.events.sendSample({ assistantId: made._id }));
    expect(kept.request.headers).toMatchObject({
      "webhook-signature": expect.stringMatching(/^v1,/u),
      "x-shop-key": "••••••••",
    });
  });

  it("gives a server a new secret, once", async () => {
    const made = await good(
      client.assistants.create({ name: "Ada", assistantServer: { url: hookUrl, secret: "the first one" } }),
    );
    const { secret, previousSecretUntil } = await good(client.assistants.rotateSecret(made._id));
    expect(secret).toMatch(/^whsec_/u);
    expect(Date.parse(previousSecretUntil ?? "")).toBeGreaterThan(Date.now());
    expect(JSON.stringify(await good(client.assistants.get(made._id)))).not.toContain(secret);
    expect(await client.tools.rotateSecret("no-such-tool")).toMatchObject({
      ok: false,
      problem: { code: "not-found" },
    });
  });
});

describe("a live session without a WebSocket of the platform's", () => {
  it("is opened with the one that is given, or refused with words", async () => {
    const call = await good(client.calls.connect({ assistant }));
    const { WebSocket } = globalThis;
    let made = 0;
    class Counted extends WebSocket {
      constructor(url: string) {
        super(url);
        made += 1;
      }
    }
    const session = await good(offhook({ url: app.url, apiKey, WebSocket: Counted }).calls.live(call));
    session.close();
    expect(made).toBe(1);
  });
});
