import { describe, expect, it } from "vitest";
import type { Store } from "../../store.ts";
import { laneOf, type OpenedStore, useStore } from "./opened.ts";
import {
  acceptance,
  becomes,
  failure,
  sampleAssistant,
  sampleBegin,
  SampleJournal,
  settlement,
  spoken,
} from "./samples.ts";

/** What survives when a store is closed and opened again: everything. */
export function describeReopening(open: () => Promise<OpenedStore>): void {
  describe("a store that is opened again", () => {
    const opened = useStore(open);

    it("holds all that was written", async (context) => {
      const { store, reopen } = opened();
      if (reopen === undefined) return context.skip();
      const journal = await fill(store);
      const before = await readAll(store, journal);
      const again = await reopen();
      expect(await readAll(again, journal)).toEqual(before);
      expect(before.entries).toHaveLength(5);
    });

    it("goes on where it was: conflicts, positions and lanes", async (context) => {
      const { store, reopen } = opened();
      if (reopen === undefined) return context.skip();
      const journal = await fill(store);
      const last =
        (await store.entriesOfCall({ callId: journal.callId, after: 4, limit: 1 }))[0]?.position ?? 0;
      const again = await reopen();
      const stale = new SampleJournal(1).open(spoken("taken"));
      await expect(again.append(stale)).rejects.toMatchObject({ code: "journal-conflict" });
      const { position, lane } = await again.append(journal.write(spoken("more")));
      expect(position).toBeGreaterThan(last);
      expect(lane).toMatchObject({ last: 5, settled: 2, again: [1] });
    });

    it("refuses what comes after it was closed", async () => {
      const { store } = opened();
      await store.close();
      await expect(store.append(new SampleJournal(1).open())).rejects.toMatchObject({ code: "unavailable" });
      await expect(store.countKeys()).rejects.toMatchObject({ code: "unavailable" });
    });
  });
}

async function fill(store: Store): Promise<SampleJournal> {
  const journal = new SampleJournal(1);
  const { callId, teamId } = journal;
  await store.openJournal(journal.open(becomes("queued"), spoken("Grüße 👋")));
  await store.append(journal.write(becomes("ongoing"), spoken("Hello")));
  await store.settle(acceptance(await laneOf(store, callId)));
  const givenUp = [{ sequence: 2, state: "dead" as const, reason: "gone" }];
  await store.settle(settlement(await laneOf(store, callId), { settled: 2, missed: [2], givenUp }));
  await store.settle(failure(await laneOf(store, callId), sampleBegin + 60_000));
  await store.sendAgain({ callId, sequences: [1], now: sampleBegin + 70_000 });
  const times = { createdAt: sampleBegin, updatedAt: sampleBegin };
  await store.saveDocument("assistant", { id: "asst_1", teamId, body: sampleAssistant, ...times });
  await store.saveKey({ hash: "h1", teamId, name: "laptop", createdAt: sampleBegin });
  await store.keepSecret({ name: "control", value: "kept" });
  return journal;
}

async function readAll(store: Store, { callId, teamId }: SampleJournal) {
  return {
    entries: await store.entriesOfCall({ callId, after: 0, limit: 100 }),
    call: await store.findCall({ teamId, callId }),
    assistant: await store.assistantOfCall({ callId }),
    unclosed: (await store.takeCalls({ after: "", limit: 10 })).map(({ callId: unclosed }) => unclosed),
    lane: await store.findLane(callId),
    deliveries: await store.listDeliveries({ teamId, offset: 0, limit: 10 }),
    attempts: await store.attemptsOf({ callId, sequence: 3, limit: 10 }),
    missed: await store.missedBefore({ callId, sequence: 3 }),
    documents: await store.listDocuments("assistant", { teamId, offset: 0, limit: 10 }),
    key: await store.findKey({ hash: "h1" }),
    secret: await store.keepSecret({ name: "control", value: "other" }),
  };
}
