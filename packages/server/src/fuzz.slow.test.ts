import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { toolOutcome } from "@offhook/protocol";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { systemClock } from "./clock.ts";
import { attempt } from "./delivery/attempt.ts";
import { type Egress, type EgressAnswer, noPhases } from "./delivery/egress-port.ts";
import { openEgress } from "./delivery/egress.ts";
import { parseAllow } from "./delivery/guard.ts";
import { openLiveHouse } from "./live/testing/live-house.ts";
import { accumulate, emptyReply, isBrokenOff, lastText, toolCallsOf } from "./models/openai/accumulate.ts";
import { seededRandom } from "./testing/seeded-random.ts";
import { recordingEgress } from "./testing/receiver.ts";
import {
  openFuzzHouse,
  type FuzzHouse,
  fuzzKey,
  type Operation,
  operationsOf,
} from "./testing/fuzz/fuzz-house.ts";
import { heldBytes } from "./testing/fuzz/memory.ts";
import { anyValue, mutated, mutatedBytes } from "./testing/fuzz/mutations.ts";
import { bodies, chunks, frames, toolAnswers } from "./testing/fuzz/samples.ts";
import { eventsOf, requestOf } from "./testing/model-contract.ts";
import { againstFake } from "./testing/openai-model.ts";
import { understand } from "./tools/understand.ts";

/** FUZZ_RUNS at each door; FUZZ_SEED chooses them. */
const runs = Number(process.env["FUZZ_RUNS"] ?? 4_000);
const seed = Number(process.env["FUZZ_SEED"] ?? 1);
/** Doors with a socket and a real clock are slower: one run for so many of the others. */
const socketShare = 20;
const runMaxMs = 60;
const timeoutMs = 120_000 + runs * runMaxMs;
/** What may be held at the end more than at the beginning. */
const heldMoreMax = 64 * 2 ** 20;

const settings = { seed, endOnFailure: true };
process.stdout.write(`fuzz: FUZZ_SEED=${seed} FUZZ_RUNS=${runs}\n`);

const begun = systemClock.now();
const done = { runs: 0 };
afterAll(() => {
  const seconds = (systemClock.now() - begun) / 1_000;
  process.stdout.write(`fuzz: ${done.runs} inputs in ${seconds.toFixed(1)} s, seed ${seed}\n`);
});

/** Tries an input; `numRuns` of them. */
async function everyOne<Input>(
  inputs: fc.Arbitrary<Input>,
  numRuns: number,
  tried: (input: Input) => void | Promise<void>,
) {
  const property = fc.asyncProperty(inputs, async (input) => {
    done.runs += 1;
    await tried(input);
  });
  await fc.assert(property, { ...settings, numRuns });
}

describe("the HTTP API", () => {
  type Asked = { operation: Operation; init: RequestInit; path: string };
  const text = fc.oneof(
    fc.constantFrom("1", "0", "-1", "dead", "true", "x", "2026-01-01", "9".repeat(25)),
    fc.string({ unit: "binary", maxLength: 20 }),
  );
  const headers = fc.record({
    "content-type": fc.oneof(
      { weight: 12, arbitrary: fc.constant("application/json") },
      { weight: 1, arbitrary: fc.constantFrom("text/plain", "application/json; charset=utf-16", "") },
    ),
    accept: fc.constantFrom("application/json", "text/event-stream", "*/*"),
    "last-event-id": fc.constantFrom("0", "1", "x", "99999999999999999999"),
  });

  function asked(operations: readonly Operation[], ids: FuzzHouse["ids"]): fc.Arbitrary<Asked> {
    return fc.constantFrom(...operations).chain((operation) => {
      const known = Object.entries(ids).find(([start]) => operation.path.startsWith(start))?.[1] ?? "none";
      const id = fc.oneof({ weight: 6, arbitrary: fc.constant(known) }, { weight: 1, arbitrary: text });
      const samples = bodies[operation.path] ?? [{}];
      const parts = {
        id,
        headers,
        body: mutatedBytes(samples),
        query: fc.dictionary(fc.constantFrom(...operation.query, "x"), text, { maxKeys: 3 }),
      };
      return fc.record(parts).map(({ body, query, ...rest }) => {
        const path = operation.path.replaceAll(/\{\w+\}/gu, encodeURIComponent(rest.id.toWellFormed()));
        const search = new URLSearchParams(query).toString();
        const init = {
          method: operation.method,
          headers: { authorization: `Bearer ${fuzzKey}`, ...rest.headers },
        };
        const isBare = operation.method === "GET" || operation.method === "DELETE";
        return {
          operation,
          path: search === "" ? path : `${path}?${search}`,
          init: isBare ? init : { ...init, body: new Uint8Array(body) },
        };
      });
    });
  }

  /** A house is used so long, then the next is opened: it is the server that is tried, not how much it can keep. */
  const requestsPerHouse = 500;

  test(
    "answers whatever it is asked, without a fault of its own",
    async () => {
      const first = await openFuzzHouse();
      const operations = await operationsOf(first.ask);
      expect(operations.length).toBeGreaterThan(25);
      await first.die();
      let held = 0;
      for (let left = runs, number = 0; left > 0; left -= requestsPerHouse, number += 1) {
        const house = await openFuzzHouse();
        const property = fc.asyncProperty(asked(operations, house.ids), async ({ path, init }) => {
          done.runs += 1;
          await expectAnswer(house, path, init);
        });
        await fc.assert(property, {
          ...settings,
          seed: seed + number,
          numRuns: Math.min(left, requestsPerHouse),
        });
        expect(house.faults).toEqual([]);
        await house.die();
        if (number === 1) held = heldBytes();
      }
      if (held > 0) expect(heldBytes() - held).toBeLessThan(heldMoreMax);
    },
    timeoutMs,
  );

  async function expectAnswer(house: FuzzHouse, path: string, init: RequestInit): Promise<void> {
    const answer = await house.ask(path, init);
    const isStream = answer.headers.get("content-type")?.includes("event-stream") === true;
    if (isStream) return answer.body?.cancel();
    const said = await answer.text();
    expect({ path, status: answer.status, said }).toMatchObject({
      status: expect.toSatisfy((status) => status < 500),
    });
  }
});

describe("the live socket", () => {
  test(
    "takes whatever frame comes, and closes with a reason at most",
    async () => {
      let house = await openLiveHouse();
      let client = await house.open();
      const frame = fc.tuple(mutatedBytes(frames), fc.boolean(), fc.integer({ min: 0, max: 200 }));
      await everyOne(frame, Math.ceil(runs / socketShare), async ([bytes, isBinary, big]) => {
        const { socket } = client;
        socket.send(big === 0 ? Buffer.alloc(20_000, "x") : bytes, { binary: isBinary });
        const pong = new Promise<"pong">((resolve) => socket.once("pong", () => resolve("pong")));
        socket.ping();
        const heard = await Promise.race([pong, client.closed]);
        if (heard === "pong") return;
        // 1007: no text in UTF-8; 1009: too big; 1013: too much at once.
        expect([1_000, 1_007, 1_009, 1_013]).toContain(heard.code);
        await house.close();
        house = await openLiveHouse();
        client = await house.open();
      });
      await house.close();
    },
    timeoutMs,
  );
});

describe("the answers of others", () => {
  const status = fc.integer({ min: 100, max: 599 });
  const answerHeaders = fc.dictionary(
    fc.constantFrom("content-type", "content-encoding", "retry-after", "location", "x"),
    fc.oneof(
      fc.constantFrom(
        "application/json",
        "text/html",
        "gzip",
        "text/plain; charset=utf-16le",
        "text/plain; charset=x-none",
        "5",
        "-1",
        "1e9",
        "Wed, 99 Foo",
      ),
      fc.string(),
    ),
  );

  test(
    "of tools become a result or a stated error",
    async () => {
      const asked = { name: "book", toolCallId: "tool-1", modelCallId: "call_1" };
      const answers = fc.record({ status, headers: answerHeaders, body: mutatedBytes(toolAnswers) });
      await everyOne(answers, runs, (answer) => {
        const outcome = understand(answer, asked);
        expect(toolOutcome.safeParse(outcome).success).toBe(true);
      });
    },
    timeoutMs,
  );

  test(
    "of receivers become an outcome with a sentence",
    async () => {
      const random = seededRandom(seed);
      const answers = fc.record({
        status: fc.integer({ min: 200, max: 599 }),
        headers: answerHeaders,
        body: fc.uint8Array(),
      });
      const server = {
        url: "http://127.0.0.1:9/x",
        timeoutSeconds: 1,
        headers: {},
        auth: "signature",
        secret: "x",
      } as const;
      let answered: EgressAnswer | undefined;
      const send = async (): Promise<EgressAnswer> => answered ?? Promise.reject(new Error("no answer"));
      const egress: Egress = { ...recordingEgress(systemClock), send };
      await everyOne(answers, runs, async (answer) => {
        answered = { kind: "answered", ...answer, truncated: false, elapsedMs: 1, phases: noPhases };
        const made = await attempt(egress, {
          server,
          id: "evt",
          body: "{}",
          attempt: 1,
          clock: systemClock,
          random,
        });
        expect(made.outcome === "accepted").toBe(answer.status < 300);
        expect(made.detail.length + JSON.stringify(made.answer).length).toBeLessThan(100_000);
        expect(made.retryAfterMs ?? 0).toBeGreaterThanOrEqual(0);
      });
    },
    timeoutMs,
  );

  test(
    "in bytes that may be no HTTP are one of the known failures, in time",
    async () => {
      let bytes: Uint8Array = new Uint8Array();
      const server = createServer((socket) => {
        socket.on("error", () => undefined);
        socket.once("data", () => socket.end(bytes));
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const { port } = server.address() as AddressInfo;
      const allow = parseAllow("loopback");
      if (allow.kind !== "rules") throw new Error("loopback is a rule");
      const egress = openEgress({ rules: allow.rules, clock: systemClock });
      const head = fc.constantFrom(
        "HTTP/1.1 200 OK\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
        "HTTP/1.0 99\r\n",
        "",
      );
      const answers = fc
        .tuple(head, fc.uint8Array({ maxLength: 300 }))
        .map(([start, rest]) => Buffer.concat([Buffer.from(start), rest]));
      await everyOne(answers, Math.ceil(runs / socketShare), async (answer) => {
        bytes = answer;
        const given = {
          url: `http://127.0.0.1:${port}/`,
          method: "POST",
          headers: {},
          body: "{}",
          repeatable: false,
        } as const;
        const limits = { timeoutMs: 2_000, answerBytesMax: 65_536, overLimit: "cut" } as const;
        const { kind, elapsedMs } = await egress.send({ ...given, ...limits });
        expect(["answered", "unreachable", "timed-out"]).toContain(kind);
        expect(elapsedMs).toBeLessThan(10_000);
      });
      await egress.close();
      await new Promise((resolve) => server.close(resolve));
    },
    timeoutMs,
  );
});

describe("the stream of a model", () => {
  test(
    "of any chunks is taken in, and ends",
    async () => {
      const stream = fc.array(
        fc.oneof({ weight: 4, arbitrary: mutated(chunks) }, { weight: 1, arbitrary: anyValue }),
        { maxLength: 8 },
      );
      await everyOne(stream, runs, (pieces) => {
        const reply = pieces.reduce(
          (before: typeof emptyReply, chunk) => accumulate(before, chunk).reply,
          emptyReply,
        );
        const calls = toolCallsOf(reply, []);
        expect(typeof lastText(reply) === "string" && typeof isBrokenOff(reply) === "boolean").toBe(true);
        expect(
          calls.every(
            ({ id, name, arguments: given }) =>
              id !== "" && typeof name === "string" && typeof given === "string",
          ),
        ).toBe(true);
      });
    },
    timeoutMs,
  );

  test(
    "in bytes that may be no events ends with a reply or a stated failure",
    async () => {
      let bytes: Uint8Array = new Uint8Array();
      const { model } = await againstFake(() => ({ kind: "stream", steps: [{ kind: "raw", text: bytes }] }));
      const line = fc.oneof(
        mutatedBytes(chunks).map((json) => Buffer.concat([Buffer.from("data: "), json, Buffer.from("\n\n")])),
        fc.uint8Array({ maxLength: 60 }),
      );
      await everyOne(fc.array(line, { maxLength: 5 }), Math.ceil(runs / socketShare), async (lines) => {
        bytes = Buffer.concat(lines);
        const last = (await eventsOf(model, requestOf(), AbortSignal.timeout(20_000))).at(-1);
        expect(["finished", "failed"]).toContain(last?.type);
      });
    },
    timeoutMs,
  );
});
