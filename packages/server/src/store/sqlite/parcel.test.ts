import fc from "fast-check";
import { expect, test } from "vitest";
import { firstEpoch } from "../../store.ts";
import type { Job, Outcome } from "./engine.ts";
import { packJobs, packOutcomes, unpackJobs, unpackOutcomes } from "./parcel.ts";

const text = fc.string({ unit: "binary", maxLength: 20 });
const number = fc.integer();
const orNull = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: null });

const entry = fc.record({ seq: number, at: number, sequence: orNull(number), type: text, body: text });
const commit = fc.record({
  teamId: text,
  callId: text,
  epoch: fc.constant(firstEpoch),
  assistantId: orNull(text),
  status: text,
  phase: text,
  createdAt: number,
  call: orNull(text),
  entries: fc.array(entry, { maxLength: 3 }),
  last: number,
  lastConversation: number,
  at: number,
});
const loss = fc.record({ sequence: number, state: fc.constantFrom("superseded", "dead"), reason: text });
const few = <Value>(value: fc.Arbitrary<Value>) => fc.array(value, { maxLength: 2 });
const settlement = fc.record({
  callId: text,
  basedOn: fc.record({ settled: number, attempts: number }),
  settled: number,
  attempts: number,
  missed: text,
  againDone: few(number),
  retryAt: orNull(number),
  at: number,
  log: few(fc.record({ sequence: number, at: number, body: text })),
  givenUp: few(loss),
  recovered: few(number),
  notRecovered: few(fc.record({ sequence: number, reason: text })),
});
const besides = fc
  .constantFrom("findLane", "saveKey", "lastPosition")
  .chain((name) =>
    fc.record({ name: fc.constant(name), input: orNull(fc.record({ callId: text, limit: number })) }),
  );
const jobs = fc.array(
  fc.oneof(
    fc.record({ name: fc.constant("append"), input: commit }),
    fc.record({ name: fc.constant("settle"), input: settlement }),
    besides,
  ),
  { maxLength: 8 },
) as fc.Arbitrary<Job[]>;

const lane = fc.record({
  teamId: text,
  settled: number,
  last: number,
  lastConversation: number,
  attempts: number,
  missed: text,
  again: text,
  dueAt: orNull(number),
});

/** What the engine may answer to a job; its lane is that of the job's call. */
function outcomeOf({ name, input }: Job): fc.Arbitrary<Outcome> {
  const { callId = "" } = (input ?? {}) as { callId?: string };
  const laneOfIt = lane.map((one) => ({ ...one, callId }));
  const appended = fc.record({ position: number, lane: orNull(laneOfIt) });
  const other = fc.oneof(fc.constant(null), fc.constant(undefined), number, few(fc.record({ body: text })));
  const value = name === "append" ? appended : name === "settle" ? orNull(laneOfIt) : other;
  const error = fc.record({ message: text, errcode: number });
  return fc.oneof(
    value.map((one): Outcome => ({ ok: true, value: one })),
    error.map((one): Outcome => ({ ok: false, error: one })),
  );
}

const answered = jobs.chain((asked) => fc.tuple(fc.constant(asked), fc.tuple(...asked.map(outcomeOf))));

test("a group of jobs arrives as it was sent", () => {
  fc.assert(
    fc.property(jobs, (asked) => {
      expect(unpackJobs(structuredClone(packJobs(asked)))).toEqual(asked);
    }),
  );
});

test("what came of each arrives with it", () => {
  fc.assert(
    fc.property(answered, ([asked, outcomes]) => {
      const parcel = structuredClone(packOutcomes(asked, outcomes));
      expect(unpackOutcomes(asked, parcel)).toEqual(outcomes);
    }),
  );
});

test("a parcel that ends too early, or has another thing in its place, is a fault", () => {
  expect(() => unpackJobs(["append", "default"])).toThrow("ended too early");
  expect(() => unpackJobs(["settle", 1])).toThrow("where a text was packed");
});
