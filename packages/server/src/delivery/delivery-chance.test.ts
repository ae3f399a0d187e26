import { attemptOutcomes } from "@offhook/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { becomes, spoken, untold } from "../store/testing/samples.ts";
import { seededRandom } from "../testing/seeded-random.ts";
import { missedIn, type Posted, postOffice, type Reaction } from "./testing/post-office.ts";

const second = 1_000;

/** What happens while calls are told: they go on, time passes, the server stops or is killed and comes back. */
type Turn =
  | {
      do: "write";
      call: number;
      happenings: readonly ("said" | "status" | "untold")[];
      isHandedOver: boolean;
    }
  | { do: "wait"; ms: number }
  | { do: "restart" }
  | { do: "kill" };

const callsMax = 3;

const turns: fc.Arbitrary<Turn[]> = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant("write" as const),
        call: fc.integer({ min: 1, max: callsMax }),
        happenings: fc.array(fc.constantFrom("said", "said", "status", "untold"), {
          minLength: 1,
          maxLength: 4,
        }),
        isHandedOver: fc.boolean(),
      }),
    },
    {
      weight: 5,
      arbitrary: fc.record({
        do: fc.constant("wait" as const),
        ms: fc.constantFrom(1, 5, 10, 30, 1_000, 7_000, 60_000),
      }),
    },
    { weight: 1, arbitrary: fc.constant({ do: "restart" as const }) },
    { weight: 1, arbitrary: fc.constant({ do: "kill" as const }) },
  ),
  { minLength: 4, maxLength: 30, size: "max" },
);

/** Reactions by the number of the attempt; from the end of them on everything is taken. */
const reactions: fc.Arbitrary<Reaction[]> = fc.array(
  fc.record(
    {
      outcome: fc.oneof(fc.constant("accepted" as const), fc.constantFrom(...attemptOutcomes)),
      tookMs: fc.integer({ min: 0, max: 40 }),
      retryAfterMs: fc.integer({ min: 0, max: 9_000 }),
    },
    { requiredKeys: ["outcome"] },
  ),
  { maxLength: 60, size: "max" },
);

const happeningOf = { said: spoken("Hello"), status: becomes("ongoing"), untold } as const;

/** Plays it out, until everything is settled; answers what was posted, and what became of it. */
async function play(played: readonly Turn[], planned: readonly Reaction[]) {
  const seen: { posted: Posted; reaction: Reaction }[] = [];
  const office = postOffice({
    random: seededRandom(7),
    receiver: (posted) => {
      const reaction = planned[seen.length] ?? { outcome: "accepted" };
      seen.push({ posted, reaction });
      return reaction;
    },
  });
  let running = office.start();
  const calls = Array.from({ length: callsMax }, (_, index) => office.call(index + 1));
  for (const turn of played) {
    if (turn.do === "wait") await office.clock.advance(turn.ms);
    else if (turn.do === "write") {
      const delivery = turn.isHandedOver ? running.delivery : undefined;
      await calls[turn.call - 1]?.writes(
        turn.happenings.map((name) => happeningOf[name]),
        delivery,
      );
    } else {
      if (turn.do === "restart") await running.stop();
      else running.kill();
      running = office.start();
    }
  }
  await running.stop();
  await settleAll(office);
  const lanes = await Promise.all(calls.map(({ callId }) => office.store.findLane(callId)));
  const { teamId } = office.call(1).journal;
  const { deliveries } = await office.store.listDeliveries({ teamId, offset: 0, limit: 1_000 });
  return { seen, lanes: lanes.filter((lane) => lane !== undefined), deliveries, faults: office.faults };
}

/** Lets everything come to its end: a new server each time that something is due. */
async function settleAll(office: ReturnType<typeof postOffice>): Promise<void> {
  for (let round = 0; round < 1_000; round += 1) {
    const nextAt = await office.store.nextDueAt({ now: 0 });
    if (nextAt === null) return;
    await office.clock.advance(Math.max(0, nextAt - office.clock.now()));
    const { stop } = office.start();
    await office.clock.advance(second);
    await stop();
  }
  throw new Error("it never came to an end");
}

function withoutKills(played: readonly Turn[]): Turn[] {
  return played.filter((turn) => turn.do !== "kill");
}

describe("what is played", () => {
  it("comes by everything that can become of an event", async () => {
    const seen = new Set<string>();
    const samples = fc.sample(fc.tuple(turns, reactions), { numRuns: 150, seed: 1 });
    for (const [played, planned] of samples) {
      const { seen: attempts, deliveries } = await play(played, planned);
      for (const { state } of deliveries) seen.add(state);
      if (new Set(attempts.map(({ posted }) => posted.id)).size < attempts.length) seen.add("tried again");
      if (attempts.some(({ posted }) => missedIn(posted).length > 1)) seen.add("several missed");
    }
    expect([...seen].toSorted()).toEqual([
      "dead",
      "delivered",
      "several missed",
      "superseded",
      "tried again",
    ]);
  });
});

describe("whatever happens, deliveries", () => {
  it("come to an end: each event is delivered or given up, and nothing is due", async () => {
    await fc.assert(
      fc.asyncProperty(turns, reactions, async (played, planned) => {
        const { lanes, deliveries, faults } = await play(played, planned);
        expect(faults).toEqual([]);
        for (const lane of lanes) expect(lane).toMatchObject({ settled: lane.last, dueAt: null });
        for (const { state } of deliveries) expect(["delivered", "dead", "superseded"]).toContain(state);
      }),
      { numRuns: 150 },
    );
  });

  it("are in order, and the same event is in the same bytes", async () => {
    await fc.assert(
      fc.asyncProperty(turns, reactions, async (played, planned) => {
        const { seen } = await play(played, planned);
        const bodies = new Map<string, string>();
        const last = new Map<string, number>();
        for (const { posted } of seen) {
          expect(posted.sequence).toBeGreaterThanOrEqual(last.get(posted.callId) ?? 0);
          expect(bodies.get(posted.id) ?? posted.body).toBe(posted.body);
          last.set(posted.callId, posted.sequence);
          bodies.set(posted.id, posted.body);
        }
      }),
      { numRuns: 150 },
    );
  });

  it("announce exactly what was given up since the last that was accepted", async () => {
    await fc.assert(
      fc.asyncProperty(turns.map(withoutKills), reactions, async (played, planned) => {
        const { seen, deliveries } = await play(played, planned);
        for (const callId of new Set(seen.map(({ posted }) => posted.callId))) {
          const lost = deliveries.filter((each) => each.callId === callId && each.state !== "delivered");
          let accepted = 0;
          for (const { posted, reaction } of seen.filter((each) => each.posted.callId === callId)) {
            const missed = lost.filter(({ sequence }) => sequence > accepted && sequence < posted.sequence);
            expect(new Set(missedIn(posted))).toEqual(new Set(missed.map(({ sequence }) => sequence)));
            if (reaction.outcome === "accepted") accepted = posted.sequence;
          }
        }
      }),
      { numRuns: 150 },
    );
  });
});
