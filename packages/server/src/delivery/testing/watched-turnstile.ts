import { strict as assert } from "node:assert";
import { type AttemptOutcome, makeCallId, type TeamId } from "@offhook/protocol";
import fc from "fast-check";
import { Turnstile, type TurnstileLimits, type Waiting } from "../turnstile.ts";

const one = "team-one" as TeamId;
export const two = "team-two" as TeamId;

let number = 0;

/** A call that has something to send; each time another. */
export function waiting(origin: string, more: Partial<Waiting> = {}): Waiting {
  number += 1;
  const callId = makeCallId("chat", `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`);
  return { origin, teamId: one, callId, kind: "first", ...more };
}

/** What somebody does at the turnstile. */
export const doings = fc.array(
  fc.oneof(
    fc.record({
      act: fc.constant("push" as const),
      origin: fc.constantFrom("a", "b", "c", "d", "e"),
      teamId: fc.constantFrom(one, two),
      kind: fc.constantFrom("first" as const, "late" as const),
    }),
    fc.record({ act: fc.constant("take" as const) }),
    fc.record({
      act: fc.constant("leave" as const),
      which: fc.nat(),
      outcome: fc.constantFrom<AttemptOutcome>("accepted", "timed-out", "refused", "busy"),
    }),
  ),
  { maxLength: 200 },
);

export type Doing = typeof doings extends fc.Arbitrary<(infer Each)[]> ? Each : never;

/** A turnstile with its books kept beside it. */
export class Watched {
  readonly turnstile: Turnstile;
  readonly #limits: TurnstileLimits;
  readonly inside: Waiting[] = [];
  readonly waits = new Map<string, Waiting>();

  constructor(limits: TurnstileLimits) {
    this.#limits = limits;
    this.turnstile = new Turnstile(limits);
  }

  do(each: Doing): void {
    if (each.act === "push") this.#push(waiting(each.origin, { teamId: each.teamId, kind: each.kind }));
    else if (each.act === "leave") this.#leave(each.which, each.outcome);
    else if (this.take() === undefined) this.#checkNobodyFits();
    for (const kind of ["first", "late"] as const) {
      assert.ok(this.#within(kind) <= this.#limits.slots[kind], `too many ${kind} attempts`);
      for (const team of [one, two])
        assert.ok(this.#within(kind, team) <= this.#limits.teamSlots[kind], `too many of ${team}`);
    }
  }

  take(): Waiting | undefined {
    const next = this.turnstile.take();
    if (next === undefined) return undefined;
    assert.ok(this.waits.delete(next.callId), "let through without having waited");
    this.inside.push(next);
    return next;
  }

  #push(given: Waiting): void {
    if (this.turnstile.push(given) === "waits") this.waits.set(given.callId, given);
  }

  #leave(which: number, outcome: AttemptOutcome): void {
    const [left] = this.inside.splice(which % Math.max(this.inside.length, 1), 1);
    if (left === undefined) return;
    for (const callId of this.turnstile.leave(left, outcome).letGo)
      assert.ok(this.waits.delete(callId), "let go without having waited");
  }

  /** Each that waits has a receiver with something under way, or no slot of a kind or of its team. */
  #checkNobodyFits(): void {
    for (const { origin, teamId } of this.waits.values()) {
      const isAtIt = this.inside.some((each) => each.origin === origin);
      const isFull = (["first", "late"] as const).some(
        (kind) =>
          this.#within(kind) >= this.#limits.slots[kind] ||
          this.#within(kind, teamId) >= this.#limits.teamSlots[kind],
      );
      assert.ok(isAtIt || isFull, `${origin} has room and waits`);
    }
  }

  #within(kind: Waiting["kind"], team?: TeamId): number {
    return this.inside.filter((each) => each.kind === kind && (team === undefined || each.teamId === team))
      .length;
  }
}
