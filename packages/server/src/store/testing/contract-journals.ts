import { describe, expect, it } from "vitest";
import { type OpenedStore, useStore } from "./opened.ts";
import {
  becomes,
  otherTeam,
  reported,
  sampleAssistant,
  sampleBegin,
  sampleCallId,
  SampleJournal,
  spoken,
  untold,
} from "./samples.ts";

/** Journals and the calls that they tell of. */
export function describeJournals(open: () => Promise<OpenedStore>): void {
  describe("a journal", () => {
    const opened = useStore(open);
    writing(opened);
    conflicting(opened);
    reading(opened);
  });
  describe("the calls", () => {
    const opened = useStore(open);
    listing(opened);
    unclosed(opened);
  });
}

const conflict: unknown = expect.objectContaining({ code: "journal-conflict" });

function writing(opened: () => OpenedStore): void {
  it("is read back as it was written", async () => {
    const { store } = opened();
    const journal = new SampleJournal(1);
    await store.openJournal(journal.open(becomes("queued")));
    await store.append(journal.write(untold, spoken("Hello?"), becomes("ongoing")));
    const stored = await store.entriesOfCall({ callId: journal.callId, after: 0, limit: 100 });
    expect(stored.map(({ position: _, teamId: _team, callId: _call, ...entry }) => entry)).toEqual(
      journal.entries,
    );
    expect(stored.every(({ teamId, callId }) => teamId === journal.teamId && callId === journal.callId)).toBe(
      true,
    );
  });

  it("keeps the call as the last commit left it, and the assistant as it was opened with", async () => {
    const { store } = opened();
    const journal = new SampleJournal(1);
    const { callId, teamId } = journal;
    await store.openJournal(journal.open(becomes("queued")));
    await store.append(journal.write(becomes("ongoing")));
    expect(await store.findCall({ teamId, callId })).toEqual(journal.call);
    expect(await store.assistantOfCall({ callId })).toEqual(sampleAssistant);
  });

  it("knows nothing of calls that were never opened", async () => {
    const { store } = opened();
    const callId = sampleCallId(9);
    expect(await store.findCall({ teamId: otherTeam, callId })).toBeUndefined();
    expect(await store.assistantOfCall({ callId })).toBeUndefined();
    expect(await store.entriesOfCall({ callId, after: 0, limit: 10 })).toEqual([]);
  });

  it("has positions that rise without a gap inside a commit, and from commit to commit", async () => {
    const { store } = opened();
    const journals = [1, 2, 3].map((number) => new SampleJournal(number));
    const begun = await Promise.all(
      journals.map((journal) => store.openJournal(journal.open(becomes("queued"), untold))),
    );
    const more = await Promise.all(
      journals.map((journal) => store.append(journal.write(spoken("a"), spoken("b")))),
    );
    for (const [index, { callId }] of journals.entries()) {
      const positions = (await store.entriesOfCall({ callId, after: 0, limit: 10 })).map(
        ({ position }) => position,
      );
      const first = begun[index]?.position ?? 0;
      const second = more[index]?.position ?? 0;
      expect(positions).toEqual([first, first + 1, first + 2, second, second + 1]);
      expect(second).toBeGreaterThan(first + 2);
    }
  });

  it("keeps every character, and texts of a million", async () => {
    const { store } = opened();
    const text = `Grüße, 你好, שלום, 👩🏽‍⚕️, "\\\\'; DROP TABLE entries;--\u0000\u0001\u2028\uFEFF \ud800 ${"x".repeat(1_000_000)}`;
    const journal = new SampleJournal(1, { call: { metadata: { text, ключ: ["☎"] } } });
    await store.openJournal(journal.open(spoken(text)));
    const [, said] = await store.entriesOfCall({ callId: journal.callId, after: 0, limit: 10 });
    expect(said?.what).toEqual(journal.entries[1]?.what);
    expect(await store.findCall({ teamId: journal.teamId, callId: journal.callId })).toEqual(journal.call);
  });
}

function conflicting(opened: () => OpenedStore): void {
  it("refuses a seq that another has written, and then nothing of the commit is there", async () => {
    const { store } = opened();
    const journal = new SampleJournal(1);
    const { teamId, callId } = journal;
    await store.openJournal(journal.open(becomes("queued")));
    const late = new SampleJournal(1);
    late.open(becomes("queued"));
    await store.append(journal.write(spoken("first")));
    const before = { lane: await store.findLane(callId), call: await store.findCall({ teamId, callId }) };
    await expect(store.append(late.write(becomes("ongoing"), spoken("second")))).rejects.toEqual(conflict);
    expect(await store.entriesOfCall({ callId, after: 0, limit: 10 })).toHaveLength(3);
    expect({ lane: await store.findLane(callId), call: await store.findCall({ teamId, callId }) }).toEqual(
      before,
    );
  });

  it("refuses the second half of a commit with the first", async () => {
    const { store } = opened();
    const journal = new SampleJournal(1);
    await store.openJournal(journal.open(becomes("queued")));
    const commit = journal.write(spoken("new"), spoken("taken"));
    const [first, second] = commit.entries;
    if (first === undefined || second === undefined) throw new Error("two entries were written");
    await expect(store.append({ ...commit, entries: [first, { ...second, seq: 1 }] })).rejects.toEqual(
      conflict,
    );
    expect(await store.entriesOfCall({ callId: journal.callId, after: 0, limit: 10 })).toHaveLength(2);
    expect(await store.append(commit)).toMatchObject({ lane: { last: 3 } });
  });

  it("is opened once", async () => {
    const { store } = opened();
    const journal = new SampleJournal(1);
    await store.openJournal(journal.open(becomes("queued")));
    await expect(store.openJournal(new SampleJournal(1).open(spoken("again")))).rejects.toEqual(conflict);
    expect(await store.entriesOfCall({ callId: journal.callId, after: 0, limit: 10 })).toHaveLength(2);
  });

  it("of one call does not spoil those that are written at the same time", async () => {
    const { store } = opened();
    const journals = Array.from({ length: 20 }, (_, index) => new SampleJournal(index + 1));
    await Promise.all(journals.map((journal) => store.openJournal(journal.open(becomes("queued")))));
    const writes = journals.flatMap((journal) => {
      const commit = journal.write(spoken("mine"));
      return [store.append(commit), store.append(commit)];
    });
    const results = await Promise.allSettled(writes);
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(20);
    for (const result of results) if (result.status === "rejected") expect(result.reason).toEqual(conflict);
    for (const { callId } of journals) {
      expect(await store.entriesOfCall({ callId, after: 0, limit: 10 })).toHaveLength(3);
    }
  });
}

function reading(opened: () => OpenedStore): void {
  it("is read from any seq, so many at a time", async () => {
    const { store } = opened();
    const journal = new SampleJournal(1);
    await store.openJournal(journal.open(...Array.from({ length: 9 }, () => untold)));
    const seqs = async (after: number, limit: number) =>
      (await store.entriesOfCall({ callId: journal.callId, after, limit })).map(({ seq }) => seq);
    expect(await seqs(0, 4)).toEqual([1, 2, 3, 4]);
    expect(await seqs(4, 4)).toEqual([5, 6, 7, 8]);
    expect(await seqs(8, 4)).toEqual([9, 10]);
    expect(await seqs(10, 4)).toEqual([]);
  });

  it("of a team is read from any position, across its calls, and without those of others", async () => {
    const { store } = opened();
    const journals = [1, 2, 3, 4].map(
      (number) => new SampleJournal(number, number % 2 === 0 ? { teamId: otherTeam } : {}),
    );
    for (const journal of journals) await store.openJournal(journal.open(untold));
    for (const journal of journals) await store.append(journal.write(spoken("Hello")));
    const teamId = otherTeam;
    const all = await store.entriesOfTeam({ teamId, after: 0, limit: 100 });
    const [two, four] = [sampleCallId(2), sampleCallId(4)];
    expect(all.map(({ callId, seq }) => [callId, seq])).toEqual([
      [two, 1],
      [two, 2],
      [four, 1],
      [four, 2],
      [two, 3],
      [four, 3],
    ]);
    const third = all[2]?.position ?? 0;
    expect(await store.entriesOfTeam({ teamId, after: third, limit: 2 })).toEqual(all.slice(3, 5));
  });

  it("is not there for another team", async () => {
    const { store } = opened();
    const journal = new SampleJournal(1);
    await store.openJournal(journal.open(spoken("secret")));
    expect(await store.findCall({ teamId: otherTeam, callId: journal.callId })).toBeUndefined();
    expect(await store.entriesOfTeam({ teamId: otherTeam, after: 0, limit: 10 })).toEqual([]);
    expect(await store.listCalls({ teamId: otherTeam, offset: 0, limit: 10 })).toEqual({
      calls: [],
      totalCount: 0,
    });
  });
}

function listing(opened: () => OpenedStore): void {
  const day = 86_400_000;
  const calls = [
    { number: 1, createdAt: sampleBegin, assistantId: "asst_1" },
    { number: 2, createdAt: sampleBegin + day, assistantId: "asst_2" },
    { number: 3, createdAt: sampleBegin + 2 * day, assistantId: null },
    { number: 4, createdAt: sampleBegin + 3 * day, assistantId: "asst_1" },
  ];
  const fill = async () => {
    const { store } = opened();
    for (const { number, createdAt, assistantId } of calls) {
      const journal = new SampleJournal(number, { createdAt, call: { assistantId } });
      await store.openJournal(journal.open(becomes("queued")));
      if (number > 2) await store.append(journal.write(becomes("finished")));
    }
    await store.openJournal(new SampleJournal(5, { teamId: otherTeam }).open());
    return store;
  };
  const team = new SampleJournal(1).teamId;

  it.each([
    ["all", {}, [1, 2, 3, 4]],
    ["from a moment on, that moment included", { from: sampleBegin + day }, [2, 3, 4]],
    ["up to a moment, that moment included", { to: sampleBegin + day }, [1, 2]],
    ["within a moment", { from: sampleBegin + day, to: sampleBegin + day }, [2]],
    ["of one status", { status: "finished" as const }, [3, 4]],
    ["of one assistant", { assistantId: "asst_1" }, [1, 4]],
    [
      "by everything at once",
      { from: sampleBegin + 1, status: "finished" as const, assistantId: "asst_1" },
      [4],
    ],
    ["of which there are none", { status: "ongoing" as const }, []],
  ])("are listed: %s", async (_, filter, expected) => {
    const store = await fill();
    const { calls: found, totalCount } = await store.listCalls({
      teamId: team,
      offset: 0,
      limit: 10,
      ...filter,
    });
    expect(found.map(({ id }) => id).toSorted()).toEqual(expected.map(sampleCallId));
    expect(totalCount).toBe(expected.length);
  });

  it("are listed behind one of them, whatever has come since", async () => {
    const store = await fill();
    const read = (before: number) =>
      store.listCalls({ teamId: team, offset: 0, limit: 10, before: sampleCallId(before) });
    expect((await read(3)).calls.map(({ id }) => id)).toEqual([2, 1].map(sampleCallId));
    expect(await read(1)).toEqual({ calls: [], totalCount: 4 });
    expect(await read(5), "another team's").toEqual({ calls: [], totalCount: 4 });
  });

  it("are listed page by page, each once", async () => {
    const store = await fill();
    const pages = await Promise.all(
      [0, 3].map((offset) => store.listCalls({ teamId: team, offset, limit: 3 })),
    );
    expect(pages.map(({ calls: { length }, totalCount }) => [length, totalCount])).toEqual([
      [3, 4],
      [1, 4],
    ]);
    expect(new Set(pages.flatMap((page) => page.calls.map(({ id }) => id))).size).toBe(4);
  });
}

function unclosed(opened: () => OpenedStore): void {
  it("that are not closed are taken by the next server, in pages, of all teams", async () => {
    const { store, reopen } = opened();
    const live = new SampleJournal(1);
    const ending = new SampleJournal(2, { teamId: otherTeam });
    const closed = new SampleJournal(3);
    const silent = new SampleJournal(4, { destination: null });
    for (const journal of [live, ending, closed, silent])
      await store.openJournal(journal.open(becomes("queued")));
    await store.append(ending.write(becomes("finished")));
    await store.append(closed.write(becomes("finished"), reported));
    const again = (await reopen?.()) ?? store;
    const first = await again.takeCalls({ after: "", limit: 2 });
    expect(first).toMatchObject([live, ending].map(({ callId, teamId }) => ({ callId, teamId })));
    const { callId, teamId } = silent;
    const more = await again.takeCalls({ after: first.at(-1)?.callId ?? "", limit: 2 });
    expect(more).toMatchObject([{ callId, teamId }]);
    await again.append({ ...ending.write(reported), epoch: first.at(-1)?.epoch ?? 0 });
    const last = (await reopen?.()) ?? store;
    expect(await last.takeCalls({ after: "", limit: 10 })).toHaveLength(2);
  });
}
