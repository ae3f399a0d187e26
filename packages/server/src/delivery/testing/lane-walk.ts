import { type AttemptOutcome, attemptOutcomes, type TellType, tellTypes } from "@offhook/protocol";
import fc from "fast-check";
import { decide, headOf, type Lane, type LaneEvent, type LaneStep } from "../lane.ts";

/** What may happen to a lane next; what does not fit the moment is left out by the walk. */
export type Stride =
  | { do: "write"; tell: TellType }
  | { do: "send-again"; sequences: readonly number[] }
  /** `early`: so many ms before it is due. */
  | { do: "claim"; early: number }
  | { do: "answer"; outcome: AttemptOutcome; retryAfterMs: number | null; chance: number };

/** One step of a walk, with what was on its way before it. */
export type Taken = { before: Lane; event: LaneEvent; step: LaneStep; inFlight: number | undefined };

const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
/** Mostly failures, so that some walks come to the end of all patience. */
const outcomes = fc.oneof(
  { weight: 2, arbitrary: fc.constant("accepted" as const) },
  { weight: 7, arbitrary: fc.constantFrom(...attemptOutcomes.filter((outcome) => outcome !== "gone")) },
  { weight: 1, arbitrary: fc.constant("gone" as const) },
);

const strides: fc.Arbitrary<Stride> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("write" as const), tell: fc.constantFrom(...tellTypes) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("send-again" as const),
      sequences: fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 4 }),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant("claim" as const), early: fc.constantFrom(0, 0, 0, 0, 1, 500) }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant("answer" as const),
      outcome: outcomes,
      retryAfterMs: fc.oneof(fc.constant(null), fc.integer({ min: 0, max: 200_000_000 })),
      chance,
    }),
  },
);

/** A receiver that is down until all patience is at its end. */
const downForDays: Stride[] = Array.from({ length: 13 }).flatMap(() => [
  { do: "claim", early: 0 },
  { do: "answer", outcome: "unreachable", retryAfterMs: null, chance: 0.5 },
]);

/** Walks of up to so many strides; without `size` they would all be short. */
export const walks = fc
  .array(
    fc.oneof(
      { weight: 40, arbitrary: strides.map((stride) => [stride]) },
      { weight: 1, arbitrary: fc.constant(downForDays) },
    ),
    { maxLength: 100, size: "max" },
  )
  .map((chunks) => chunks.flat());

/** Takes a lane through events, as its worker would: one attempt at a time, and the head's own type at each claim. */
export class LaneWalk {
  lane: Lane = { name: "idle", settled: 0, last: 0, lastConversation: 0, missed: [], again: [] };
  now = 1_000_000;
  /** The type of every event written, the first at 0. */
  readonly tells: TellType[] = [];
  readonly taken: Taken[] = [];
  inFlight: number | undefined;

  take(stride: Stride): Taken | undefined {
    const event = this.#eventOf(stride);
    if (event === undefined) return undefined;
    const taken = { before: this.lane, event, step: decide(this.lane, event), inFlight: this.inFlight };
    this.lane = taken.step.lane;
    this.taken.push(taken);
    if (event.type === "answered") this.inFlight = undefined;
    for (const act of taken.step.acts) if (act.act === "send") this.inFlight = act.sequence;
    return taken;
  }

  #eventOf(stride: Stride): LaneEvent | undefined {
    const { lane } = this;
    switch (stride.do) {
      case "write":
        this.now += 1;
        return { type: "written", sequence: this.tells.push(stride.tell), tell: stride.tell, now: this.now };
      case "send-again": {
        // What happens while one is on its way, or for nothing, has its own tests in lane.test.ts.
        const known = stride.sequences.some((sequence) => sequence <= lane.settled);
        if (lane.name === "sending" || !known) return undefined;
        return { type: "sent-again", sequences: stride.sequences, now: this.now };
      }
      case "claim": {
        const tell = this.tells[(headOf(lane) ?? 0) - 1];
        if (tell === undefined) return undefined;
        if (lane.name === "waiting") this.now = Math.max(this.now, lane.dueAt - stride.early);
        return { type: "claimed", tell, now: this.now };
      }
      case "answer": {
        const { outcome, retryAfterMs, chance: drawn } = stride;
        this.now += 20;
        return { type: "answered", outcome, detail: "answered", retryAfterMs, chance: drawn, now: this.now };
      }
    }
  }
}
