import { describe, expect, it } from "vitest";
import { noPhases } from "../delivery/egress-port.ts";
import type { PeerAnswer, Unreached } from "../peers.ts";
import { settled, virtualClock } from "../testing/virtual-clock.ts";
import { offeredOf, outcomeThere } from "./remote-offer.ts";
import type { Outcome } from "./tool-call.ts";

const call = { timeoutMs: 5_000 };
const never = new Promise<never>(() => undefined);

function waiting(asked: Promise<PeerAnswer | Unreached>) {
  const clock = virtualClock();
  const [silent, stop] = [new AbortController(), new AbortController()];
  const outcome = outcomeThere(asked, { clock, call, silent: silent.signal, signal: stop.signal });
  return { clock, silent, stop, outcome };
}

const failed = (kind: string, detail: unknown = expect.any(String)) =>
  // Else it would be asked again.
  expect.objectContaining({ kind, detail, connected: true });

describe("a tool call at a listener of another server", () => {
  it.each<[string, PeerAnswer | Unreached, unknown]>([
    ["was certainly not reached", { unreached: "nobody" }, "untaken"],
    ["was not taken there", { answer: "elsewhere" }, "untaken"],
    ["may have been carried out", { unreached: "no-answer" }, failed("unreachable")],
    [
      "had an answer that is too large for the way",
      { answer: "refused", refusal: { refused: "outcome-unknown", detail: "too much" } },
      failed("unreachable", "too much"),
    ],
    ["had an answer to something else", { answer: "done" }, failed("unreachable")],
    [
      "failed there",
      { answer: "offered", offered: { came: "failed", kind: "timed-out", detail: "late" } },
      failed("timed-out", "late"),
    ],
    [
      "was answered",
      { answer: "offered", offered: { came: "answered", status: 201, headers: { a: "b" }, body: "w7w=" } },
      expect.objectContaining({
        kind: "answered",
        status: 201,
        headers: { a: "b" },
        body: Buffer.from("ü"),
        truncated: false,
      }),
    ],
  ])("that %s", async (_name, came, expected) => {
    const { clock, outcome } = waiting(Promise.resolve(came));
    expect(await outcome).toEqual(expected);
    expect(clock.waiting).toBe(0);
  });

  it.each<[string, (given: ReturnType<typeof waiting>) => unknown, unknown, number]>([
    ["its time is over", ({ clock }) => clock.advance(5_000), failed("timed-out"), 5_000],
    ["nothing is heard of that server", ({ silent }) => silent.abort(), failed("unreachable"), 0],
    ["nobody waits for it", ({ stop }) => stop.abort(), failed("stopped"), 0],
  ])("is asked nowhere else when %s", async (_name, befall, expected, elapsedMs) => {
    const given = waiting(never);
    await befall(given);
    await settled();
    const outcome = await given.outcome;
    expect(outcome).toEqual(expected);
    expect(outcome).toMatchObject({ elapsedMs });
    expect(given.clock.waiting).toBe(0);
  });

  it.each<[string, Outcome]>([
    [
      "an answer",
      {
        kind: "answered",
        status: 200,
        headers: { "content-type": "x/y" },
        body: Buffer.from([0, 255, 10]),
        truncated: false,
        elapsedMs: 0,
        phases: noPhases,
      },
    ],
    [
      "a failure",
      { kind: "too-large", detail: "too large", connected: true, elapsedMs: 0, phases: noPhases },
    ],
    ["nothing", "untaken"],
  ])("is %s here as it was there", async (_name, there) => {
    expect(await waiting(Promise.resolve(offeredOf(there))).outcome).toEqual(there);
  });
});
