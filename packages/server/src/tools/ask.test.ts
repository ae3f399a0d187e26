import { mask, toolOutcome } from "@offhook/protocol";
import { afterEach, describe, expect, test } from "vitest";
import { type Clock, systemClock } from "../clock.ts";
import { openEgress } from "../delivery/egress.ts";
import type { Egress } from "../delivery/egress-port.ts";
import { type GuardRules, parseAllow, publicOnly } from "../delivery/guard-allow.ts";
import { seededRandom } from "../testing/seeded-random.ts";
import {
  type Behaviour,
  type NetworkBehaviour,
  openReceiver,
  type Receiver,
  recordingEgress,
} from "../testing/receiver.ts";
import { virtualClock } from "../testing/virtual-clock.ts";
import { type Asked, askTool, type ToolAsk } from "./ask.ts";
import type { ToolServer } from "./request.ts";

const opened: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

function ask(over: Partial<Omit<ToolAsk, "server">> & { server?: Partial<ToolServer> } = {}): ToolAsk {
  const { server, ...rest } = over;
  return {
    tool: { name: "findSlots" },
    callId: "TC-1",
    toolCallId: "tool_1",
    modelCallId: "call_abc",
    arguments: { day: "monday" },
    envelope: { type: "function-call" },
    ...rest,
    server: {
      url: "https://hook.example/t",
      timeoutSeconds: 20,
      headers: {},
      auth: "signature",
      method: "POST",
      format: "arguments",
      ...server,
    },
  };
}

const deps = (egress: Egress, clock: Clock) => ({ egress, clock, random: seededRandom() });

/** Asks in virtual time, and lets a minute pass. */
async function inVirtualTime(script: NetworkBehaviour[], over: Parameters<typeof ask>[0] = {}) {
  const clock = virtualClock();
  const egress = recordingEgress(clock, script);
  const asked = askTool(deps(egress, clock), ask(over));
  await clock.advance(60_000);
  const startedAt = egress.requests[0]?.at ?? 0;
  return {
    ...(await asked),
    at: egress.requests.map(({ at }) => at - startedAt),
    requests: egress.requests,
    clock,
  };
}

const ok: Behaviour = { act: "answer", body: '{"result":"10:00"}' };
const status = (code: number, headers: Record<string, string> = {}): Behaviour => ({
  act: "answer",
  status: code,
  headers,
});

describe("retries", () => {
  test.each<[name: string, script: NetworkBehaviour[], outcome: object, at: number[]]>([
    ["none after a result", [ok], { kind: "result", result: "10:00" }, [0]],
    ["after 503, 200 ms later", [status(503), ok], { kind: "result" }, [0, 200]],
    [
      "after 502 and 504, then a second later",
      [status(502), status(504), ok],
      { kind: "result" },
      [0, 200, 1_200],
    ],
    [
      "two at most",
      [status(503), status(503), status(503), ok],
      { kind: "error", code: "bad-status", error: "findSlots answered 503 Service Unavailable." },
      [0, 200, 1_200],
    ],
    ["after a refused connection", [{ act: "refuse-connection" }, ok], { kind: "result" }, [0, 200]],
    [
      "after refused connections, two at most",
      [{ act: "refuse-connection" }],
      { kind: "error", code: "unreachable" },
      [0, 200, 1_200],
    ],
    [
      "after 429, when it asked to",
      [status(429, { "retry-after": "3" }), ok],
      { kind: "result" },
      [0, 3_000],
    ],
    [
      "after 429, but not sooner than planned",
      [status(429, { "retry-after": "0" }), ok],
      { kind: "result" },
      [0, 200],
    ],
    [
      "not when Retry-After does not fit",
      [status(429, { "retry-after": "20" }), ok],
      { kind: "error", code: "bad-status" },
      [0],
    ],
    ["not after 500", [status(500), ok], { kind: "error", code: "bad-status" }, [0]],
    ["not after 404", [status(404), ok], { kind: "error", code: "bad-status" }, [0]],
    [
      "not after a redirect",
      [status(302, { location: "/x" }), ok],
      { kind: "error", error: expect.stringContaining("not followed") },
      [0],
    ],
    [
      "not after a connection that broke off, for it may have been done",
      [{ act: "reset" }, ok],
      { kind: "error", code: "unreachable" },
      [0],
    ],
    ["not after a forbidden address", [{ act: "forbid" }, ok], { kind: "error", code: "forbidden" }, [0]],
    [
      "not after an error that the tool stated",
      [{ act: "answer", body: '{"error":"closed"}' }, ok],
      { kind: "error", code: "error-field", error: "closed" },
      [0],
    ],
  ])("%s", async (_name, script, outcome, at) => {
    const asked = await inVirtualTime(script);
    expect(asked.outcome).toMatchObject(outcome);
    expect(asked.at).toEqual(at);
    expect(asked.exchange.attempts).toBe(at.length);
    expect(toolOutcome.safeParse(asked.outcome).success).toBe(true);
    expect(asked.clock.waiting).toBe(0);
  });

  test("carry the same id, and count the attempts", async () => {
    const { requests } = await inVirtualTime([status(503), status(503), ok]);
    expect(requests.map(({ headers }) => [headers["webhook-id"], headers["offhook-attempt"]])).toEqual([
      ["tool_1", "1"],
      ["tool_1", "2"],
      ["tool_1", "3"],
    ]);
    expect(new Set(requests.map(({ headers }) => headers["traceparent"])).size).toBe(1);
  });
});

describe("the one timeout", () => {
  test("is stated", async () => {
    const asked = await inVirtualTime([{ act: "never" }]);
    expect(asked).toMatchObject({
      elapsedMs: 20_000,
      outcome: { kind: "error", code: "timed-out", error: "findSlots did not answer within 20 s." },
    });
  });

  test("holds over all tries together", async () => {
    const asked = await inVirtualTime([{ act: "answer", status: 503, delayMs: 15_000 }, { act: "never" }]);
    expect(asked).toMatchObject({ elapsedMs: 20_000, at: [0, 15_200], outcome: { code: "timed-out" } });
  });

  test("leaves no try that could not end in it", async () => {
    const asked = await inVirtualTime([{ act: "answer", status: 503, delayMs: 19_900 }, ok]);
    expect(asked).toMatchObject({ elapsedMs: 19_900, at: [0], outcome: { code: "bad-status" } });
  });

  test("may be ten minutes", async () => {
    const clock = virtualClock();
    const egress = recordingEgress(clock, [{ ...ok, delayMs: 599_000 }]);
    const asked = askTool(deps(egress, clock), ask({ server: { timeoutSeconds: 600 } }));
    await clock.advance(600_000);
    expect(await asked).toMatchObject({ elapsedMs: 599_000, outcome: { kind: "result" } });
  });
});

describe("giving up", () => {
  test("while it is under way, and while it waits for another try", async () => {
    for (const script of [[{ act: "never" }], [status(503), ok]] satisfies NetworkBehaviour[][]) {
      const clock = virtualClock();
      const egress = recordingEgress(clock, script);
      const controller = new AbortController();
      const asked = askTool(deps(egress, clock), ask({ signal: controller.signal }));
      await clock.advance(100);
      controller.abort();
      const { outcome, elapsedMs } = await asked;
      expect([outcome.kind, elapsedMs, egress.requests.length]).toEqual(["error", 100, 1]);
    }
  });
});

describe("over real HTTP", () => {
  async function over(
    script: Behaviour[],
    server: Partial<ToolServer> = {},
  ): Promise<Asked & { receiver: Receiver }> {
    const receiver = await openReceiver({ script });
    const egress = openEgress({ rules: loopback(), clock: systemClock });
    opened.push(egress, receiver);
    const asked = await askTool(
      deps(egress, systemClock),
      ask({ server: { url: receiver.url, timeoutSeconds: 5, ...server } }),
    );
    return { ...asked, receiver };
  }

  function loopback(): GuardRules {
    const allowed = parseAllow("loopback");
    return allowed.kind === "rules" ? allowed.rules : publicOnly;
  }

  test.each<[name: string, script: Behaviour[], outcome: object]>([
    ["a result", [ok], { kind: "result", result: "10:00", understoodAs: "result-text" }],
    ["nothing", [{ act: "answer", status: 204 }], { kind: "result", result: null, understoodAs: "empty" }],
    ["a retry", [status(503), ok], { kind: "result" }],
    ["256 KiB", [{ act: "answer", body: `"${"x".repeat(262_142)}"` }], { kind: "result" }],
    [
      "more than 256 KiB",
      [{ act: "answer", body: "x".repeat(262_145) }],
      { code: "too-large", error: "findSlots answered with more than 256 KiB, which is too much to read." },
    ],
    ["a gigabyte", [{ act: "flood", bytes: 2 ** 30 }], { code: "too-large" }],
    [
      "a reset",
      [{ act: "reset" }],
      { code: "unreachable", error: expect.stringMatching(/^findSlots could not be reached: .+\.$/u) },
    ],
  ])("%s", async (_name, script, outcome) => {
    expect((await over(script)).outcome).toMatchObject(outcome);
  });

  test("an answer byte by byte takes no longer than the timeout", async () => {
    const asked = await over([{ act: "drip", bytes: 10_000, everyMs: 10 }], { timeoutSeconds: 0.3 });
    expect(asked.outcome).toMatchObject({
      code: "timed-out",
      error: "findSlots did not answer within 0.3 s.",
    });
    expect(asked.elapsedMs).toBeLessThan(5_000);
  });

  test("nobody there: three tries, then it is said", async () => {
    const gone = await openReceiver();
    await gone.close();
    const asked = await over([], { url: gone.url });
    expect(asked).toMatchObject({
      exchange: { attempts: 3, status: null },
      outcome: { code: "unreachable", error: expect.stringContaining("connection refused") },
    });
    expect(asked.elapsedMs).toBeGreaterThanOrEqual(1_190);
  });

  test("a forbidden address is never called", async () => {
    const asked = await over([], { url: "http://10.0.0.1/" });
    expect(asked).toMatchObject({
      outcome: { code: "forbidden", error: expect.stringContaining("OFFHOOK_EGRESS_ALLOW") },
      exchange: { attempts: 1 },
    });
  });

  test("the exchange shows what went over the wire, and no secret", async () => {
    const headers = { Authorization: "Bearer secret-1", "x-plain": "shown" };
    const { exchange, receiver } = await over([{ ...ok, status: 201 }], {
      secret: "the secret-2 of all",
      auth: "both",
      headers,
    });
    expect(exchange).toMatchObject({
      method: "POST",
      url: receiver.url,
      body: '{"day":"monday"}',
      status: 201,
      answer: '{"result":"10:00"}',
      attempts: 1,
    });
    expect(exchange.headers).toMatchObject({
      authorization: mask,
      "x-interactly-secret": mask,
      "x-plain": "shown",
    });
    expect(JSON.stringify(exchange)).not.toMatch(/secret-\d/u);
    expect(receiver.requests[0]?.headers).toMatchObject({
      authorization: "Bearer secret-1",
      "x-interactly-secret": "the secret-2 of all",
    });
  });
});

test("a secret that cannot sign is said, and nothing is sent", async () => {
  const asked = await inVirtualTime([ok], { server: { secret: "whsec_!!!" } });
  expect(asked.outcome).toMatchObject({
    kind: "error",
    code: "not-sent",
    error: expect.stringContaining("not base64"),
  });
  expect(asked.requests).toHaveLength(0);
});
