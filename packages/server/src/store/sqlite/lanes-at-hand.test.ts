import { describe, expect, test } from "vitest";
import type { LaneRow } from "../../store.ts";
import { laneOf } from "../testing/opened.ts";
import { acceptance, sampleCallId, SampleJournal, spoken } from "../testing/samples.ts";
import { type Engine, openEngine } from "./engine.ts";
import { commitRow, openingRow, settlementRow } from "../rows.ts";
import { openLocalStore } from "./sqlite-store.ts";

const later = 1_800_000_000_000;

function begun(engine: Engine, number: number, events: number): SampleJournal {
  const journal = new SampleJournal(number);
  const told = Array.from({ length: events }, (_, index) => spoken(`${index + 1}`));
  const [outcome] = engine.do([{ name: "openJournal", input: openingRow(journal.open(...told)) }]);
  expect(outcome).toMatchObject({ ok: true });
  return journal;
}

function accepted(callId: LaneRow["callId"], settled: number) {
  const row = { callId, settled, attempts: 0, last: 9, again: [] } as unknown as LaneRow;
  return { name: "settle" as const, input: settlementRow(acceptance(row, later)) };
}

describe("a group of writes", () => {
  test("of which one fails leaves nothing of it in the lanes of the others, and does these once", () => {
    const engine = openEngine(":memory:");
    const journal = begun(engine, 1, 3);
    const other = begun(engine, 2, 1);
    const twice = { name: "append" as const, input: commitRow(other.write(spoken("a")), null) };
    const outcomes = engine.do([accepted(journal.callId, 0), twice, twice, accepted(journal.callId, 1)]);
    expect(outcomes.map(({ ok }) => ok)).toEqual([true, true, false, true]);
    const lanes = [journal, other].map(
      ({ callId }) => engine.do([{ name: "findLane", input: { callId } }])[0],
    );
    expect(lanes).toMatchObject([{ value: { settled: 2, last: 3 } }, { value: { settled: 0, last: 2 } }]);
    engine.close();
  });

  test("is found by what reads in it", () => {
    const engine = openEngine(":memory:");
    const { callId } = begun(engine, 1, 2);
    const outcomes = engine.do([accepted(callId, 0), { name: "findLane", input: { callId } }]);
    expect(outcomes[1]).toMatchObject({ ok: true, value: { settled: 1, last: 2, dueAt: later } });
    engine.close();
  });
});

test("an attempt is found with its event, however many events wait in the lane", async () => {
  const store = openLocalStore();
  const journal = new SampleJournal(1);
  const events = Array.from({ length: 1_100 }, (_, index) => spoken(`${index + 1}`));
  await store.openJournal(journal.open(...events));
  for (let sequence = 1; sequence <= events.length; sequence += 1) {
    if (sequence === 500) await store.append(journal.write(spoken("more")));
    await store.settle(acceptance(await laneOf(store, journal.callId), later));
  }
  const found = [1, 2, 999, 1_000, 1_001, 1_100, 1_101].map((sequence) =>
    store.attemptsOf({ callId: journal.callId, sequence, limit: 10 }),
  );
  expect((await Promise.all(found)).map((attempts) => attempts.length)).toEqual([1, 1, 1, 1, 1, 1, 0]);
  await store.close();
});

test("more lanes than are kept at hand are each as they were left", async () => {
  const store = openLocalStore();
  const number = 10_050;
  const journals = Array.from({ length: number }, (_, index) => new SampleJournal(index + 1));
  for (const journal of journals) await store.openJournal(journal.open(spoken("a")));
  for (const { callId } of journals.slice(0, 60))
    await store.settle(acceptance(await laneOf(store, callId), later));
  expect(await laneOf(store, sampleCallId(60))).toMatchObject({ settled: 1, dueAt: null });
  expect(await laneOf(store, sampleCallId(61))).toMatchObject({ settled: 0 });
  await store.close();
});
