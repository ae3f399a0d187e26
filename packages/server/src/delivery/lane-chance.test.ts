import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { headOf, type LaneAct, type LaneEvent } from "./lane.ts";
import { retryDelaysMs } from "./patience.ts";
import { LaneWalk, type Stride, walks, type Taken } from "./testing/lane-walk.ts";

/** Holds in every step of some hundred walks. */
function always(holds: (taken: Taken, walk: LaneWalk) => void): void {
  fc.assert(
    fc.property(walks, (walked) => {
      const walk = new LaneWalk();
      for (const stride of walked) {
        const taken = walk.take(stride);
        if (taken !== undefined) holds(taken, walk);
      }
    }),
    { numRuns: 300 },
  );
}

type Act<Name extends LaneAct["act"]> = Extract<LaneAct, { act: Name }>;

function actsOf<Name extends LaneAct["act"]>({ step }: Taken, name: Name): Act<Name>[] {
  return step.acts.filter((act): act is Act<Name> => act.act === name);
}

function isAnswered(event: LaneEvent): event is LaneEvent & { type: "answered" } {
  return event.type === "answered";
}

describe("the walks", () => {
  it("come by everything that can happen to a lane", () => {
    const seen = new Map<string, number>();
    const note = (what: string): void => void seen.set(what, (seen.get(what) ?? 0) + 1);
    for (const walked of fc.sample(walks, { numRuns: 300, seed: 1 })) {
      const walk = new LaneWalk();
      for (const stride of walked) {
        const taken = walk.take(stride);
        if (taken === undefined) continue;
        note(`${taken.before.name}, ${taken.event.type}`);
        for (const act of taken.step.acts)
          note(
            act.act === "give-up"
              ? `${act.state}: ${act.reason.replaceAll(/\d+/gu, "N").slice(0, 17)}`
              : act.act,
          );
      }
    }
    expect([...seen.keys()].toSorted()).toMatchInlineSnapshot(`
      [
        "dead: N attempts failed",
        "dead: answered",
        "idle, answered",
        "idle, sent-again",
        "idle, written",
        "not-recovered",
        "recovered",
        "send",
        "sending, answered",
        "sending, claimed",
        "sending, written",
        "superseded: event N holds the",
        "waiting, answered",
        "waiting, claimed",
        "waiting, sent-again",
        "waiting, written",
      ]
    `);
  });
});

describe("whatever happens, a lane", () => {
  it("never sends two at a time", () => {
    always((taken) => {
      const sends = actsOf(taken, "send");
      expect(sends.length).toBeLessThanOrEqual(taken.inFlight === undefined ? 1 : 0);
    });
  });

  it("sends the head, when it is due and not before", () => {
    always((taken) => {
      for (const { sequence } of actsOf(taken, "send")) {
        expect(sequence).toBe(headOf(taken.before));
        expect(taken.before.name === "waiting" && taken.before.dueAt <= taken.event.now).toBe(true);
      }
    });
  });

  it("sends what is new in order, and settles each once", () => {
    always(({ before, step, inFlight }) => {
      const moved = step.lane.settled - before.settled;
      expect([0, 1]).toContain(moved);
      if (moved === 0) return;
      const superseded = step.acts.find((act) => act.act === "give-up" && act.state === "superseded");
      expect(superseded === undefined ? inFlight : superseded.sequence).toBe(step.lane.settled);
      expect(before.again).toEqual([]);
    });
  });

  it("has missed exactly what was given up since the last accepted", () => {
    always((_, { lane, taken }) => {
      const expected = taken.reduce<number[]>((missed, each) => {
        const isNew = each.step.lane.settled > each.before.settled;
        if (!isNew) return missed;
        const lost = actsOf(each, "give-up").map(({ sequence }) => sequence);
        return lost.length > 0 ? missed.concat(lost) : [];
      }, []);
      expect(lane.missed).toEqual(expected);
    });
  });

  it("is idle when there is nothing to send, and only then", () => {
    always(({ step: { lane } }, { inFlight }) => {
      expect(lane.name === "idle").toBe(headOf(lane) === undefined);
      expect(lane.name === "sending").toBe(inFlight !== undefined);
    });
  });

  it("knows the last event and the last conversation-update", () => {
    always((_, { lane, tells }) => {
      expect([lane.last, lane.lastConversation]).toEqual([
        tells.length,
        tells.lastIndexOf("conversation-update") + 1,
      ]);
    });
  });

  it("retries by the schedule, within a fifth of it", () => {
    always(({ before, event, step: { lane, acts } }) => {
      if (before.name !== "sending" || !isAnswered(event) || event.outcome === "accepted") return;
      if (before.kind === "again") {
        expect(acts).toMatchObject([{ act: "not-recovered", sequence: before.sequence }]);
        return;
      }
      const planned = retryDelaysMs[before.attempts - 1];
      if (event.outcome === "gone" || planned === undefined) {
        expect(acts).toMatchObject([{ act: "give-up", state: "dead", sequence: before.sequence }]);
      } else if (lane.name === "waiting" && lane.again.length > 0) {
        expect(lane.dueAt).toBe(event.now);
      } else if (lane.name === "waiting") {
        const waitMs = lane.dueAt - event.now;
        expect(waitMs).toBeGreaterThanOrEqual(Math.floor(planned * 0.8));
        expect(waitMs).toBeLessThanOrEqual(Math.ceil(planned * 1.2) * (event.retryAfterMs === null ? 1 : 2));
        expect([acts, lane.attempts]).toEqual([[], before.attempts]);
      } else expect(lane.name).toBe("waiting");
    });
  });

  it("comes back when it was asked to, between once and twice the planned delay", () => {
    always(({ before, event, step: { lane } }) => {
      if (before.name !== "sending" || !isAnswered(event) || lane.name !== "waiting") return;
      if (before.kind === "again" || lane.again.length > 0) return;
      const base = retryDelaysMs[before.attempts - 1];
      if (base === undefined || event.retryAfterMs === null || lane.attempts === 0) return;
      const planned = Math.round(base * (0.8 + 0.4 * event.chance));
      const asked = Math.max(planned, Math.min(event.retryAfterMs, 2 * planned));
      expect(lane.dueAt - event.now).toBe(asked);
    });
  });

  it("supersedes only a conversation-update that has failed and has a newer one behind it", () => {
    always((taken, { tells }) => {
      for (const { sequence, state } of actsOf(taken, "give-up")) {
        if (state !== "superseded") continue;
        expect(tells[sequence - 1]).toBe("conversation-update");
        expect(tells.slice(sequence)).toContain("conversation-update");
        expect(taken.before.name === "waiting" && taken.before.attempts).toBeGreaterThan(0);
      }
    });
  });

  it("recovers only what was asked for and was on its way", () => {
    always((taken) => {
      for (const { sequence } of actsOf(taken, "recovered")) {
        expect(sequence).toBe(taken.inFlight);
        expect(taken.before.again[0]).toBe(sequence);
        expect(taken.step.lane.again).not.toContain(sequence);
      }
    });
  });

  it("sends again in order, each once, and nothing that is still to be sent anyway", () => {
    always(({ step: { lane } }) => {
      expect(lane.again).toEqual([...new Set(lane.again)].toSorted((one, other) => one - other));
      expect(lane.again.every((sequence) => sequence >= 1 && sequence <= lane.settled)).toBe(true);
    });
  });

  it("comes to its end once everything is accepted", () => {
    const well: readonly Stride[] = [
      { do: "claim", early: 0 },
      { do: "answer", outcome: "accepted", retryAfterMs: null, chance: 0.5 },
    ];
    fc.assert(
      fc.property(walks, (walked) => {
        const walk = new LaneWalk();
        for (const stride of walked) walk.take(stride);
        for (let round = 0; round < 200; round += 1) for (const stride of well) walk.take(stride);
        expect(walk.lane).toMatchObject({ name: "idle", settled: walk.tells.length, again: [] });
      }),
    );
  });
});
