import type { Json } from "@offhook/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { z } from "zod";
import { serverUrl } from "./receiver.ts";
import { tool } from "./tool.ts";

/** FUZZ_RUNS requests; FUZZ_SEED chooses them. */
const numRuns = Number(process.env["FUZZ_RUNS"] ?? 4_000);
const seed = Number(process.env["FUZZ_SEED"] ?? 1);
process.stdout.write(`fuzz of the receiver: FUZZ_SEED=${seed} FUZZ_RUNS=${numRuns}\n`);

const call = { id: "TC-1", status: "ongoing", messages: [], assistantOverrides: { dynamicVariables: {} } };
const message = { messageId: "m-1", role: "user", text: "Hello", timestamp: "2026-03-02T09:00:00.000Z" };

/** Messages of all families that a receiver meets (contract 9). */
const samples: readonly Json[] = [
  {
    message: {
      type: "status-update",
      id: "evt_1",
      sequence: 1,
      timestamp: 1,
      status: "queued",
      call,
      missed: [2],
    },
  },
  { message: { type: "conversation-update", call: { ...call, messages: [message] }, messages: [message] } },
  {
    message: {
      type: "end-of-call-report",
      call,
      analysis: { summary: "x", successEvaluation: true, structuredData: {} },
    },
  },
  {
    message: {
      type: "function-call",
      call,
      functionCall: { id: "t", name: "book", parameters: { day: "x" }, arguments: '{"day":"x"}' },
    },
  },
  {
    message: {
      type: "tool-calls",
      call,
      toolCallList: [{ id: "t", function: { name: "book", arguments: '{"day":"x"}' } }],
    },
  },
  { event: "call_status", campaign: { id: 1 } },
  { day: "x" },
];

const awkward = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    0,
    -1,
    1e308,
    "",
    "\u0000",
    "completed",
    "__proto__",
    [],
    {},
    [null],
    "x".repeat(3_000),
  ),
  fc.jsonValue({ maxDepth: 2 }),
);

/** A sample as text in which some values stand for others. */
const body = fc
  .tuple(fc.constantFrom(...samples), fc.array(fc.tuple(fc.nat(60), awkward), { maxLength: 4 }))
  .map(([sample, changes]) => {
    const wanted = new Map(changes);
    let place = 0;
    return JSON.stringify(sample, (_key, value: unknown) => {
      const other = wanted.get((place += 1));
      // The whole is kept mostly, or nothing of it would be tried.
      return place > 1 && other !== undefined ? other : value;
    });
  });

const bytes = fc.oneof(
  { weight: 6, arbitrary: body.map((text) => new TextEncoder().encode(text)) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(body, fc.nat())
      .map(([text, at]) => new TextEncoder().encode(text.slice(0, at % (text.length + 1)))),
  },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }) },
);

const headerText = fc.oneof(
  fc.constantFrom("", "application/json", "1", "-1", "v1,AAAA", "book", "gzip"),
  fc.string({ unit: "grapheme-ascii", maxLength: 30 }),
);
const headers = fc.dictionary(
  fc.constantFrom(
    "content-type",
    "webhook-id",
    "webhook-timestamp",
    "webhook-signature",
    "x-interactly-secret",
    "offhook-tool-name",
    "offhook-call-id",
    "content-encoding",
    "content-length",
  ),
  headerText,
);

test(
  "whatever comes to a Server URL is answered with 200 or a refusal in a sentence, and nothing throws",
  async () => {
    const faults: unknown[] = [];
    const make = (secret: string | null) =>
      serverUrl({
        secret,
        tools: {
          book: tool({
            description: "Books",
            parameters: z.object({ day: z.string() }),
            run: ({ day }) => day,
          }),
        },
        on: { "status-update": () => undefined, "end-of-call-report": () => undefined },
        onOther: () => undefined,
        onFault: (fault) => void faults.push(fault),
      });
    const receivers = [make(null), make("a secret")];
    const requests = fc.record({
      receiver: fc.constantFrom(...receivers),
      method: fc.constantFrom("POST", "POST", "POST", "PUT", "GET"),
      headers,
      bytes,
    });
    const property = fc.asyncProperty(requests, async ({ receiver, method, bytes: sent, headers: given }) => {
      const init = method === "GET" ? {} : { body: new Uint8Array(sent) };
      const answer = await receiver.fetch(
        new Request("http://localhost/hook", { method, headers: given, ...init }),
      );
      const text = await answer.text();
      expect([200, 400, 401, 405, 408, 413, 415]).toContain(answer.status);
      if (answer.status !== 200)
        expect(JSON.parse(text)).toEqual({ error: expect.stringMatching(/\S{2,} /u) });
    });
    await fc.assert(property, { seed, numRuns, endOnFailure: true });
    expect(faults).toEqual([]);
  },
  120_000 + numRuns * 20,
);
