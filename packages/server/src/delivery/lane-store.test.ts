import type { Attempt, TellType } from "@offhook/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LaneRow, Store } from "../store.ts";
import { openLocalStore } from "../store/sqlite/sqlite-store.ts";
import { laneOf as rowOf } from "../store/testing/opened.ts";
import { becomes, sampleAttempt, SampleJournal, spoken } from "../store/testing/samples.ts";
import { decide, type Lane } from "./lane.ts";
import { laneOf, settlementOf } from "./lane-store.ts";
import { LaneWalk, walks, type Taken } from "./testing/lane-walk.ts";

/** A lane in the store that is led through the same events as the pure one, as its worker would. */
class StoredLane {
  readonly #store: Store;
  readonly #journal: SampleJournal;
  /** As the worker holds it: since the last claim. */
  #claimed: { row: LaneRow; lane: Lane } | undefined;

  constructor(store: Store, journal: SampleJournal) {
    this.#store = store;
    this.#journal = journal;
  }

  read(): Promise<LaneRow> {
    return rowOf(this.#store, this.#journal.callId);
  }

  async take({ event }: Taken): Promise<void> {
    const { callId } = this.#journal;
    switch (event.type) {
      case "written":
        await this.#store.append(written(this.#journal, event));
        return;
      case "sent-again":
        await this.#store.sendAgain({ callId, sequences: [...event.sequences], now: event.now });
        return;
      case "claimed": {
        // As its worker would: nothing is claimed while an attempt is under way.
        if (this.#claimed !== undefined) return;
        const row = await this.read();
        const { lane, acts } = decide(laneOf(row), event);
        if (lane.name === "sending") this.#claimed = { row, lane };
        else if (acts.length > 0)
          await this.#store.settle(settlementOf({ before: row, lane, acts, attempts: [], now: event.now }));
        return;
      }
      case "answered": {
        if (this.#claimed === undefined) return;
        const { row, lane: sending } = this.#claimed;
        const { lane, acts } = decide(sending, event);
        const attempts = [{ sequence: row.again[0] ?? row.settled + 1, attempt: logged(event.outcome) }];
        await this.#store.settle(settlementOf({ before: row, lane, acts, attempts, now: event.now }));
        this.#claimed = undefined;
      }
    }
  }
}

function logged(outcome: Attempt["outcome"]): Attempt {
  return sampleAttempt(1, outcome);
}

function written(journal: SampleJournal, event: { tell: TellType; now: number }) {
  const commit = journal.write(event.tell === "conversation-update" ? spoken("a") : becomes("ongoing"));
  return { ...commit, entries: commit.entries.map((entry) => ({ ...entry, at: event.now })) };
}

describe("the lane in the store", () => {
  it("is the same as the pure one, after the same events", async () => {
    await fc.assert(
      fc.asyncProperty(walks, async (walked) => {
        const store = openLocalStore();
        const journal = new SampleJournal(1);
        await store.openJournal(journal.open());
        const walk = new LaneWalk();
        const stored = new StoredLane(store, journal);
        for (const stride of walked) {
          const taken = walk.take(stride);
          if (taken === undefined) continue;
          await stored.take(taken);
          if (walk.lane.name !== "sending") expect(laneOf(await stored.read())).toEqual(walk.lane);
        }
        await store.close();
      }),
      { numRuns: 100 },
    );
  });

  it("is waiting for what was on its way when a server died", async () => {
    const store = openLocalStore();
    const journal = new SampleJournal(1);
    await store.openJournal(journal.open());
    const walk = new LaneWalk();
    const stored = new StoredLane(store, journal);
    for (const stride of [
      { do: "write", tell: "hang" },
      { do: "claim", early: 0 },
    ] as const) {
      const taken = walk.take(stride);
      if (taken !== undefined) await stored.take(taken);
    }
    expect(walk.lane).toMatchObject({ name: "sending", attempts: 1 });
    expect(laneOf(await stored.read())).toMatchObject({ name: "waiting", attempts: 0, settled: 0, last: 1 });
    await store.close();
  });
});
