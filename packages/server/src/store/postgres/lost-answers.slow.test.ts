import { describe, expect, it } from "vitest";
import { missingPostgres } from "../../testing/postgres.ts";
import { laneOf } from "../testing/opened.ts";
import { acceptance, becomes, sampleCallId, SampleJournal, spoken, untold } from "../testing/samples.ts";
import { at, standOnPostgres } from "./testing/on-postgres.ts";

const missing = missingPostgres();
if (missing !== undefined) process.stdout.write(`${missing}; what befalls a database is not looked at\n`);

describe.skipIf(missing !== undefined && process.env["CI"] === undefined)(
  "PostgreSQL that loses an answer",
  () => {
    standOnPostgres();
    it("has an append written once, and answered as written", async () => {
      const store = await at.openOn(at.link.url);
      const journal = new SampleJournal(1);
      at.link.loseNextAnswer();
      const begun = await store.openJournal(journal.open(spoken("a")));
      at.link.loseNextAnswer();
      const { position, lane } = await store.append(journal.write(spoken("b"), untold));
      expect(position).toBeGreaterThan(begun.position + 1);
      expect(lane).toMatchObject({ last: 2 });
      const found = await store.entriesOfCall({ callId: journal.callId, after: 0, limit: 10 });
      expect(found.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
      expect(found[2]?.position).toBe(position);
    });

    it("does not take another's entry for its own", async () => {
      const store = await at.openOn(at.link.url);
      const journal = new SampleJournal(1);
      await store.openJournal(journal.open(becomes("queued")));
      const late = new SampleJournal(1);
      late.open(becomes("queued"));
      await store.append(journal.write(spoken("first")));
      at.link.loseNextAnswer();
      await expect(store.append(late.write(spoken("second")))).rejects.toMatchObject({
        code: "journal-conflict",
      });
    });

    it("has a settlement made once, with its attempt", async () => {
      const store = await at.openOn(at.link.url);
      const journal = new SampleJournal(1);
      const { callId } = journal;
      await store.openJournal(journal.open(spoken("a"), spoken("b")));
      const lane = await laneOf(store, callId);
      at.link.loseNextAnswer();
      expect(await store.settle(acceptance(lane))).toMatchObject({ settled: 1 });
      expect(await store.attemptsOf({ callId, sequence: 1, limit: 10 })).toHaveLength(1);
      await expect(store.settle(acceptance(lane))).rejects.toMatchObject({ code: "journal-conflict" });
    });

    it("says of what it could not find out that it may be done", async () => {
      const store = await at.openOn(at.link.url, { patienceMs: 1 });
      const journal = new SampleJournal(1);
      await store.openJournal(journal.open(becomes("queued")));
      at.link.loseNextAnswer();
      await expect(store.append(journal.write(spoken("a")))).rejects.toMatchObject({ mayBeDone: true });
      expect(await store.entriesOfCall({ callId: journal.callId, after: 0, limit: 10 })).toHaveLength(3);
      at.link.loseNextAnswer();
      const reading = store.entriesOfCall({ callId: journal.callId, after: 0, limit: 10 });
      await expect(reading, "of what only reads it does not").rejects.toMatchObject({ mayBeDone: false });
      const nobody = at.openOn("postgres://tester@127.0.0.1:1/offhook", { patienceMs: 1 });
      await expect(nobody).rejects.toMatchObject({ mayBeDone: false });
    });

    it("says so as well when another has taken the call meanwhile", async () => {
      const [mine, other] = [await at.openOn(at.link.url), await at.openOn(at.url)];
      const journal = new SampleJournal(1);
      await mine.openJournal(journal.open(becomes("queued")));
      at.link.loseNextAnswer();
      at.link.onLoss = () => other.takeCalls({ after: "", limit: 10 });
      await expect(mine.append(journal.write(spoken("a")))).rejects.toMatchObject({
        code: "fenced",
        mayBeDone: true,
      });
      await expect(mine.append(journal.write(spoken("b")))).rejects.toMatchObject({
        code: "fenced",
        mayBeDone: false,
      });
    });

    it("has the calls that were taken told all the same", async () => {
      const guest = await at.openOn(at.url);
      await guest.openJournal(new SampleJournal(1).open(spoken("a")));
      const store = await at.openOn(at.link.url, { patienceMs: 1 });
      const roles = ["calls"] as const;
      const node = { nodeId: "node_a", url: "http://a.example", roles, live: 0, takesCalls: true };
      await store.keepLease({ ...node, leaseMs: 60_000 });
      at.link.loseNextAnswer();
      await expect(store.takeCalls({ after: "", limit: 10 })).rejects.toMatchObject({ code: "unavailable" });
      expect(await store.takeCalls({ after: "", limit: 10 })).toMatchObject([{ callId: sampleCallId(1) }]);
      expect(await store.takeCalls({ after: "", limit: 10 })).toEqual([]);
    });
  },
);
