import { defaultTeam, type Happening } from "@offhook/protocol";
import { describe, expect, it } from "vitest";
import { laneOf, useStore, type OpenedStore } from "./opened.ts";
import { acceptance, becomes, failure, otherTeam, sampleBegin, SampleJournal, spoken } from "./samples.ts";

const turn: Happening = { type: "turn-started", turnId: "turn_1", cause: "user" };
const answered: Happening = {
  type: "model-answered",
  replyId: "reply_1",
  turnId: "turn_1",
  outcome: "kept",
  firstContentMs: 120,
  totalMs: 300,
};
const tool: Happening = {
  type: "tool-answered",
  toolCallId: "tool_1",
  name: "findSlots",
  outcome: { kind: "error", code: "timed-out", error: "late" },
  elapsedMs: 40,
};

/** What happened since a time, as an operator looks at it. */
export function describeActivity(open: () => Promise<OpenedStore>): void {
  describe("the activity", () => {
    const opened = useStore(open);
    const read = (more: { from?: number; rowsMax?: number; teamId?: typeof defaultTeam } = {}) =>
      opened().store.activity({ teamId: defaultTeam, from: 0, rowsMax: 100, ...more });

    it("of a team without calls is nothing", async () => {
      const nothing = { since: 0, live: 0, waiting: { events: 0, calls: 0, oldestAt: null } };
      expect(await read()).toEqual({ ...nothing, moments: [], attempts: [] });
    });

    it("tells of turns, models, tools and attempts, and of what waits", async () => {
      const { store } = opened();
      const journal = new SampleJournal(1);
      await store.openJournal(journal.open(becomes("queued"), turn, answered, tool, spoken("a")));
      await store.openJournal(new SampleJournal(2, { teamId: otherTeam }).open(turn));
      await store.settle(acceptance(await laneOf(store, journal.callId)));
      await store.settle(failure(await laneOf(store, journal.callId), sampleBegin + 60_000));
      const { moments, attempts, live, waiting } = await read();
      expect(moments.map(({ type, firstMs, wholeMs }) => [type, firstMs, wholeMs])).toEqual([
        ["turn-started", null, null],
        ["model-answered", 120, 300],
        ["tool-answered", null, 40],
      ]);
      expect(attempts.map(({ outcome }) => outcome)).toEqual([
        "accepted",
        expect.not.stringContaining("accepted"),
      ]);
      expect(attempts[0]?.url).toMatch(/^http/u);
      expect(live).toBe(1);
      expect(waiting).toMatchObject({ events: 1, calls: 1 });
      expect((await read({ teamId: otherTeam })).attempts).toEqual([]);
    });

    it("begins at a time, and says so when less was looked at", async () => {
      const { store } = opened();
      const at = sampleBegin + 3_600_000;
      await store.openJournal(new SampleJournal(1).open(turn));
      const later = new SampleJournal(2, { createdAt: at });
      await store.openJournal(later.open(turn, answered));
      const since = await read({ from: at });
      expect(since.moments.map(({ type }) => type)).toEqual(["turn-started", "model-answered"]);
      expect(since.since).toBe(at);
      const few = await read({ rowsMax: 1 });
      expect(few.moments.map(({ type }) => type)).toEqual(["model-answered"]);
      expect(few.since).toBeGreaterThanOrEqual(at);
    });
  });
}
