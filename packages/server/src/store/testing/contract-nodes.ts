import { describe, expect, it, type TestContext } from "vitest";
import { sleep, systemClock } from "../../clock.ts";
import type { NodeNote, Store } from "../../store.ts";
import { type OpenedStore, useStore } from "./opened.ts";
import {
  acceptance,
  becomes,
  failure,
  reported,
  sampleBegin,
  sampleCallId,
  SampleJournal,
  spoken,
  untold,
} from "./samples.ts";

/** Several servers on one store: who is there, who holds a call, who sends its events, and in which order all see it. */
export function describeNodes(open: () => Promise<OpenedStore>): void {
  const opened = useStoreOf(open);
  describe("the nodes", () => {
    leases(opened);
  });
  describe("a call among nodes", () => {
    taking(opened);
    fencing(opened);
  });
  describe("a lane among nodes", () => {
    owning(opened);
    handing(opened);
  });
  describe("the order of a team", () => {
    ordering(opened);
  });
}

const leaseMs = 60_000;
const later = sampleBegin + 60_000;
const fenced: unknown = expect.objectContaining({ code: "fenced" });
const conflict: unknown = expect.objectContaining({ code: "journal-conflict" });

/** Stores on the same data, each as a node of a letter; passed over where several cannot share it. */
type Opened = (context: TestContext, letters: string) => Promise<Store[]>;

function useStoreOf(open: () => Promise<OpenedStore>): Opened {
  const opened = useStore(open);
  return async (context, letters) => {
    const { store, another } = opened();
    if (another === undefined) return context.skip("several cannot share this store");
    const stores = [store];
    while (stores.length < letters.length) stores.push(await another());
    for (const [index, letter] of letters.split("").entries()) {
      // A dash stays a guest.
      if (letter !== "-") await stores[index]?.keepLease({ ...note(letter), leaseMs });
    }
    return stores;
  };
}

function note(letter: string, more: Partial<NodeNote> = {}): NodeNote {
  const roles = ["api", "calls", "delivery"] as const;
  return {
    nodeId: `node_${letter}`,
    url: `http://${letter}.example`,
    roles,
    live: 0,
    takesCalls: true,
    ...more,
  };
}

/** The stores, when there are so many as were asked for. */
function two([one, other]: Store[]): [Store, Store] {
  if (one === undefined || other === undefined) throw new Error("two stores were asked for");
  return [one, other];
}

const idsOf = (found: readonly { callId: string }[]): string[] => found.map(({ callId }) => callId);

function leases(opened: Opened): void {
  it("are those whose lease runs, as they said it last", async (context) => {
    const [a, b] = two(await opened(context, "ab"));
    expect(a.isShared).toBe(true);
    expect(await b.nodes()).toEqual([note("a"), note("b")]);
    const changed = note("a", { live: 7, takesCalls: false, roles: ["api"], url: "http://other.example" });
    const kept = await a.keepLease({ ...changed, leaseMs });
    expect(kept.lease).toBe("runs");
    expect(Math.abs((kept.now ?? 0) - systemClock.now())).toBeLessThan(60_000);
    expect(await b.nodes()).toEqual([changed, note("b")]);
    await b.dropLease();
    expect(await a.nodes()).toEqual([changed]);
  });

  it("are gone when their lease runs out, and it stays so", async (context) => {
    const [a, b] = two(await opened(context, "-b"));
    expect(await a.keepLease({ ...note("a"), leaseMs: 150 })).toMatchObject({ lease: "runs" });
    expect(await a.keepLease({ ...note("a"), leaseMs: 150 })).toMatchObject({ lease: "runs" });
    expect(await b.nodes()).toHaveLength(2);
    await sleep(systemClock, 200);
    expect(await b.nodes()).toEqual([note("b")]);
    for (const _ of [1, 2])
      expect(await a.keepLease({ ...note("a"), leaseMs })).toMatchObject({ lease: "lapsed" });
    expect(await b.nodes()).toEqual([note("b")]);
    expect(await a.keepLease({ ...note("c"), leaseMs })).toMatchObject({ lease: "runs" });
    expect(await b.nodes()).toEqual([note("b"), note("c")]);
  });

  it("are not those that have dropped it, also under the same id", async (context) => {
    const [a, b] = two(await opened(context, "ab"));
    await a.dropLease();
    expect(await a.keepLease({ ...note("a"), leaseMs })).toMatchObject({ lease: "lapsed" });
    expect(await b.nodes()).toEqual([note("b")]);
  });
}

async function openCalls(store: Store, numbers: readonly number[]): Promise<SampleJournal[]> {
  const journals = numbers.map((number) => new SampleJournal(number));
  await Promise.all(journals.map((journal) => store.openJournal(journal.open(becomes("queued")))));
  return journals;
}

function taking(opened: Opened): void {
  it("is held by who opened it, and taken by nobody as long as that one is there", async (context) => {
    const [a, b] = two(await opened(context, "ab"));
    const [journal] = await openCalls(a, [1]);
    expect(await b.takeCalls({ after: "", limit: 10 })).toEqual([]);
    expect(await a.takeCalls({ after: "", limit: 10 })).toEqual([]);
    expect(await b.holderOf({ callId: sampleCallId(1) })).toEqual(note("a"));
    expect(await b.holderOf({ callId: sampleCallId(9) })).toBeUndefined();
    if (journal !== undefined) await a.append(journal.write(becomes("finished"), reported));
    expect(await b.holderOf({ callId: sampleCallId(1) })).toBeUndefined();
  });

  it("is taken once when its holder is gone, with a larger epoch, unless it is closed", async (context) => {
    const [a, b] = two(await opened(context, "ab"));
    const journals = await openCalls(a, [1, 2, 3]);
    const [, closed] = journals;
    if (closed !== undefined) await a.append(closed.write(becomes("finished"), reported));
    await a.dropLease();
    expect(await b.holderOf({ callId: sampleCallId(1) })).toBeUndefined();
    const taken = await b.takeCalls({ after: "", limit: 10 });
    expect(taken.map(({ callId, epoch }) => [callId, epoch])).toEqual([
      [sampleCallId(1), 2],
      [sampleCallId(3), 2],
    ]);
    expect(await b.takeCalls({ after: "", limit: 10 })).toEqual([]);
    expect(await a.holderOf({ callId: sampleCallId(3) })).toEqual(note("b"));
  });

  it("is taken once by many who look at the same time", async (context) => {
    const stores = await opened(context, "abcd");
    const [a, ...others] = stores;
    const numbers = Array.from({ length: 60 }, (_, index) => index + 1);
    if (a !== undefined) await openCalls(a, numbers);
    await a?.dropLease();
    const rounds = Array.from({ length: 20 }, () => others).flat();
    const taken = await Promise.all(rounds.map((store) => store.takeCalls({ after: "", limit: 5 })));
    const rest = await Promise.all(others.map((store) => store.takeCalls({ after: "", limit: 60 })));
    expect(idsOf([...taken, ...rest].flat()).toSorted()).toEqual(numbers.map(sampleCallId));
  });

  it("that was let go is free at once, and no other", async (context) => {
    const [a, b] = two(await opened(context, "ab"));
    await openCalls(a, [1, 2, 3]);
    await b.releaseCalls({ callIds: [sampleCallId(3)] });
    await a.releaseCalls({ callIds: [sampleCallId(2), sampleCallId(9)] });
    expect(idsOf(await b.takeCalls({ after: "", limit: 10 }))).toEqual([sampleCallId(2)]);
    expect(await a.nodes()).toHaveLength(2);
  });

  it("is among those that its holder is told it has, until it is closed, let go or another's", async (context) => {
    const [a, b] = two(await opened(context, "ab"));
    const [closed] = await openCalls(a, [1, 2, 3]);
    await openCalls(b, [4]);
    expect(await a.heldCalls()).toEqual([1, 2, 3].map(sampleCallId));
    if (closed !== undefined) await a.append(closed.write(becomes("finished"), reported));
    await a.releaseCalls({ callIds: [sampleCallId(2)] });
    expect(await a.heldCalls()).toEqual([sampleCallId(3)]);
    await a.dropLease();
    await b.takeCalls({ after: "", limit: 10 });
    expect(await b.heldCalls()).toEqual([2, 3, 4].map(sampleCallId));
    expect(await a.heldCalls()).toEqual([]);
  });

  it("that a guest opened is free for a node, and a guest takes what no node holds", async (context) => {
    const [guest, b] = two(await opened(context, "-b"));
    await openCalls(guest, [1]);
    await openCalls(b, [2]);
    expect(idsOf(await guest.takeCalls({ after: "", limit: 10 }))).toEqual([sampleCallId(1)]);
    expect(idsOf(await b.takeCalls({ after: "", limit: 10 }))).toEqual([sampleCallId(1)]);
  });
}

function fencing(opened: Opened): void {
  it("is no longer written by who lost it, whatever it believes", async (context) => {
    const [a, b] = two(await opened(context, "ab"));
    const [journal] = await openCalls(a, [1]);
    if (journal === undefined) throw new Error("a call was opened");
    await a.dropLease();
    const [taken] = await b.takeCalls({ after: "", limit: 1 });
    const late = journal.write(spoken("late"));
    await expect(a.append(late)).rejects.toEqual(fenced);
    await expect(b.append({ ...late, epoch: 99 })).rejects.toEqual(fenced);
    await b.append({ ...late, epoch: taken?.epoch ?? 0 });
    expect(await a.entriesOfCall({ callId: journal.callId, after: 0, limit: 10 })).toHaveLength(3);
  });

  it("spoils no other call that is written at the same time", async (context) => {
    const [a, b] = two(await opened(context, "ab"));
    const journals = await openCalls(a, [1, 2, 3, 4]);
    await a.releaseCalls({ callIds: [sampleCallId(2), sampleCallId(4)] });
    await b.takeCalls({ after: "", limit: 10 });
    const results = await Promise.allSettled(journals.map((journal) => a.append(journal.write(spoken("a")))));
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled", "rejected"]);
  });

  it("may still be written when the lease is over, as long as nobody has taken it", async (context) => {
    const [a, b] = two(await opened(context, "-b"));
    await a.keepLease({ ...note("a"), leaseMs: 100 });
    const [journal] = await openCalls(a, [1]);
    await sleep(systemClock, 150);
    if (journal === undefined) throw new Error("a call was opened");
    await a.append(journal.write(spoken("still mine")));
    expect(await a.takeCalls({ after: "", limit: 10 }), "and takes no others").toEqual([]);
    await b.takeCalls({ after: "", limit: 10 });
    await expect(a.append(journal.write(spoken("no longer")))).rejects.toEqual(fenced);
  });
}

function owning(opened: Opened): void {
  it("is the writer's: nobody else finds it due, or settles it", async (context) => {
    const [a, b] = two(await opened(context, "ab"));
    const journal = new SampleJournal(1);
    const { lane } = await a.openJournal(journal.open(spoken("a"), spoken("b")));
    if (lane === null) throw new Error("the lane is the writer's");
    expect(await b.dueLanes({ now: later, limit: 10 })).toEqual([]);
    await expect(b.settle(acceptance(lane))).rejects.toEqual(conflict);
    expect(idsOf(await a.dueLanes({ now: later, limit: 10 }))).toEqual([journal.callId]);
    expect(await a.settle(acceptance(lane))).toMatchObject({ settled: 1 });
    expect(await b.dueLanes({ now: later, limit: 10 })).toEqual([]);
  });

  it("is free when all is settled: the next who writes has it", async (context) => {
    const [a, b] = two(await opened(context, "ab"));
    const journal = new SampleJournal(1);
    const { lane } = await a.openJournal(journal.open(spoken("a")));
    if (lane !== null) await a.settle(acceptance(lane));
    await a.releaseCalls({ callIds: [journal.callId] });
    const [taken] = await b.takeCalls({ after: "", limit: 1 });
    const { lane: next } = await b.append({ ...journal.write(spoken("b")), epoch: taken?.epoch ?? 0 });
    expect(next).toMatchObject({ last: 2, settled: 1 });
    expect(await a.dueLanes({ now: later, limit: 10 })).toEqual([]);
  });

  it("is free while it waits for a later attempt, and whoever takes it sends it", async (context) => {
    const [a, b] = two(await opened(context, "ab"));
    const journal = new SampleJournal(1);
    const { lane } = await a.openJournal(journal.open(spoken("a")));
    if (lane === null) throw new Error("the lane is the writer's");
    const waiting = await a.settle(failure(lane, later));
    expect(idsOf(await b.dueLanes({ now: later, limit: 10 }))).toEqual([journal.callId]);
    await expect(a.settle(acceptance(waiting, later))).rejects.toEqual(conflict);
    const { lane: none } = await a.append(journal.write(spoken("b")));
    expect(none, "another sends it").toBeNull();
    expect(await a.append(journal.write(untold))).toMatchObject({ lane: null });
    expect(await b.settle(acceptance(waiting, later))).toMatchObject({ settled: 1, last: 2, dueAt: later });
  });
}

function handing(opened: Opened): void {
  it("of a node that is gone goes to the others", async (context) => {
    const [a, b] = two(await opened(context, "ab"));
    await openCalls(a, [1, 2]);
    await a.dropLease();
    expect(idsOf(await b.dueLanes({ now: later, limit: 10 }))).toEqual([1, 2].map(sampleCallId));
  });

  it("of a node that does not deliver is left to those that do", async (context) => {
    const [a, b] = two(await opened(context, "-b"));
    await a.keepLease({ ...note("a", { roles: ["api", "calls"] }), leaseMs });
    const journal = new SampleJournal(1);
    expect((await a.openJournal(journal.open(spoken("a")))).lane).toBeNull();
    expect(await a.dueLanes({ now: later, limit: 10 })).toEqual([]);
    expect(idsOf(await b.dueLanes({ now: later, limit: 10 }))).toEqual([journal.callId]);
    expect((await a.append(journal.write(spoken("b")))).lane).toBeNull();
  });

  it("goes to one of many who look at the same time", async (context) => {
    const [guest, ...nodes] = await opened(context, "-abc");
    const numbers = Array.from({ length: 90 }, (_, index) => index + 1);
    if (guest !== undefined) await openCalls(guest, numbers);
    const found = await Promise.all(
      nodes.flatMap((node) => [1, 2, 3].map(() => node.dueLanes({ now: later, limit: 10 }))),
    );
    const rest = await Promise.all(nodes.map((node) => node.dueLanes({ now: later, limit: 90 })));
    const mine = nodes.map((_, index) =>
      idsOf([...found.slice(index * 3, index * 3 + 3).flat(), ...(rest[index] ?? [])]),
    );
    const each = mine.map((ids) => [...new Set(ids)]);
    expect(each.flat().toSorted(), "each is somebody's, and one's only").toEqual(numbers.map(sampleCallId));
  });

  it("is not taken by a node whose lease is over", async (context) => {
    const [a, b] = two(await opened(context, "-b"));
    await a.keepLease({ ...note("a"), leaseMs: 100 });
    await sleep(systemClock, 150);
    await openCalls(b, [1]);
    await b.dropLease();
    expect(await a.dueLanes({ now: later, limit: 10 })).toEqual([]);
  });
}

const rounds = 150;

function ordering(opened: Opened): void {
  it("is seen by a reader while several write: who has read one has read all before it", async (context) => {
    const [reader, ...writers] = await opened(context, "-abcd");
    if (reader === undefined) throw new Error("a reader was asked for");
    const { teamId } = new SampleJournal(1);
    const progress = { isOver: false };
    const writing = Promise.all(
      writers.map(async (store, index) => {
        const journal = new SampleJournal(index + 1);
        await store.openJournal(journal.open(untold));
        for (let round = 0; round < rounds; round += 1) {
          const said = Array.from({ length: 1 + ((round + index) % 4) }, () => untold);
          await store.append(journal.write(...said));
        }
      }),
    ).finally(() => (progress.isOver = true));
    const seen: number[] = [];
    for (let isLast = false; !isLast;) {
      isLast = progress.isOver;
      const found = await reader.entriesOfTeam({ teamId, after: seen.at(-1) ?? 0, limit: 50 });
      seen.push(...found.map(({ position }) => position));
      if (found.length === 50) isLast = false;
    }
    await writing;
    const all: number[] = [];
    for (let more = true; more;) {
      const found = await reader.entriesOfTeam({ teamId, after: all.at(-1) ?? 0, limit: 500 });
      all.push(...found.map(({ position }) => position));
      more = found.length === 500;
    }
    expect(all.length).toBeGreaterThan(writers.length * rounds);
    expect(seen).toEqual(all);
  });
}
