import { afterEach, describe, expect, test } from "vitest";
import { systemClock } from "../clock.ts";
import { type Behaviour, openReceiver, recordingEgress } from "../testing/receiver.ts";
import { openEgress } from "./egress.ts";
import type { Egress, EgressRequest } from "./egress-port.ts";
import { parseAllow } from "./guard-allow.ts";

/** The fake and the real way out, held to the same table. */
const opened: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

type Ready = { egress: Egress; url: string };

async function real(behaviour: Behaviour): Promise<Ready> {
  const allowed = parseAllow("loopback");
  if (allowed.kind === "faults") throw new Error("loopback is known");
  const receiver = await openReceiver({ script: [behaviour] });
  const egress = openEgress({ rules: allowed.rules, clock: systemClock });
  opened.push(egress, receiver);
  return { egress, url: receiver.url };
}

async function fake(behaviour: Behaviour): Promise<Ready> {
  return { egress: recordingEgress(systemClock, [behaviour]), url: "http://hook.example/hook" };
}

const cut = { answerBytesMax: 1_000, overLimit: "cut" } as const;
const refuse = { answerBytesMax: 1_000, overLimit: "refuse" } as const;

type Row = [
  name: string,
  behaviour: Behaviour,
  given: Pick<EgressRequest, "answerBytesMax" | "overLimit">,
  expected: object,
];

const table: Row[] = [
  [
    "an answer",
    { act: "answer", status: 201, headers: { "X-A": "b" }, body: "hi" },
    cut,
    { kind: "answered", status: 201, truncated: false, headers: { "x-a": "b" } },
  ],
  ["a late answer", { act: "answer", delayMs: 100 }, cut, { kind: "answered", status: 200 }],
  ["too late an answer", { act: "answer", delayMs: 5_000 }, cut, { kind: "timed-out", connected: true }],
  [
    "a redirect",
    { act: "answer", status: 302, headers: { location: "/x" } },
    cut,
    { kind: "answered", status: 302, headers: { location: "/x" } },
  ],
  [
    "a long answer, cut",
    { act: "answer", body: "x".repeat(1_001) },
    cut,
    { kind: "answered", truncated: true },
  ],
  [
    "a long answer, refused",
    { act: "answer", body: "x".repeat(1_001) },
    refuse,
    { kind: "too-large", connected: true },
  ],
  [
    "an answer of just the limit",
    { act: "answer", body: "x".repeat(1_000) },
    refuse,
    { kind: "answered", truncated: false },
  ],
  ["a flood, cut", { act: "flood", bytes: 10_000_000 }, cut, { kind: "answered", truncated: true }],
  ["a flood, refused", { act: "flood", bytes: 10_000_000 }, refuse, { kind: "too-large" }],
  ["a short drip", { act: "drip", bytes: 3, everyMs: 10 }, cut, { kind: "answered", truncated: false }],
  ["a long drip", { act: "drip", bytes: 900, everyMs: 100 }, cut, { kind: "timed-out", connected: true }],
  ["silence", { act: "never" }, cut, { kind: "timed-out", connected: true }],
  ["a reset", { act: "reset" }, cut, { kind: "unreachable", connected: true }],
  ["half an answer", { act: "break-off" }, cut, { kind: "unreachable", connected: true }],
  ["garbage", { act: "garbage" }, cut, { kind: "unreachable", connected: true }],
];

describe.each([
  ["the real way out", real],
  ["the recording one", fake],
] as const)("%s", (_name, open) => {
  test.each(table)("meets %s", async (_what, behaviour, given, expected) => {
    const { egress, url } = await open(behaviour);
    // Time enough on a busy machine, unless it is to run out.
    const timeoutMs = "kind" in expected && expected.kind === "timed-out" ? 500 : 15_000;
    const request = {
      url,
      method: "POST",
      headers: {},
      body: "{}",
      timeoutMs,
      repeatable: true,
      ...given,
    } as const;
    const answer = await egress.send(request);
    expect(answer).toMatchObject(expected);
    if (answer.kind === "timed-out") expect(answer.elapsedMs).toBeGreaterThan(timeoutMs / 2);
  });
});
