import { expect, test } from "vitest";
import { silentLog } from "../log.ts";
import { openLocalStore } from "../store/sqlite/sqlite-store.ts";
import { laneOf } from "../store/testing/opened.ts";
import { acceptance, becomes, loss, reported, SampleJournal } from "../store/testing/samples.ts";
import { virtualClock } from "../testing/virtual-clock.ts";
import { retain, retentionLimits, type RetentionRules } from "./retention.ts";

const dayMs = 86_400_000;

/** A store with calls of one event, one a day, the last today; and their keeper. */
async function house(days: number, rules: RetentionRules) {
  const clock = virtualClock();
  const store = openLocalStore();
  const logged: [string, unknown][] = [];
  const log = {
    ...silentLog,
    info: (message: string, fields?: unknown) => void logged.push([message, fields]),
    warn: (message: string, fields?: unknown) => void logged.push([message, fields]),
    error: (message: string) => void logged.push([message, undefined]),
  };
  const journals = Array.from(
    { length: days },
    (_, day) => new SampleJournal(day + 1, { createdAt: clock.now() - (days - 1 - day) * dayMs }),
  );
  for (const journal of journals) {
    await store.openJournal(journal.open(becomes("finished"), reported));
    await store.settle(acceptance(await laneOf(store, journal.callId)));
    await store.settle(loss(await laneOf(store, journal.callId), "dead"));
  }
  const end = new AbortController();
  const left = async (): Promise<number[]> => {
    const found = await Promise.all(journals.map(({ teamId, callId }) => store.findCall({ teamId, callId })));
    return found.flatMap((call, index) => (call === undefined ? [] : [index + 1]));
  };
  const begin = (of = store) => {
    const ended = retain({ store: of, clock, log }, rules, end.signal);
    const stop = (): Promise<void> => {
      end.abort();
      return ended;
    };
    return { stop };
  };
  return { clock, store, logged, left, begin };
}

test("calls that are older than they may be are forgotten, at once and as time goes by", async () => {
  const { clock, left, begin, logged } = await house(6, { ageMsMax: 3 * dayMs, bytesMax: null });
  const keeper = begin();
  await clock.advance(1_000);
  expect(await left()).toEqual([3, 4, 5, 6]);
  expect(logged).toEqual([["calls were forgotten for their age", { calls: 2, entries: 6, deadLetters: 2 }]]);
  await clock.advance(dayMs);
  expect(await left()).toEqual([4, 5, 6]);
  await keeper.stop();
  expect(clock.waiting).toBe(0);
});

test("the oldest calls are forgotten while there is no room", async () => {
  const days = retentionLimits.callsAtOnce + 5;
  const house25 = await house(days, { ageMsMax: null, bytesMax: 1 });
  const keeper = house25.begin();
  await house25.clock.advance(retentionLimits.pauseMs * 4);
  await keeper.stop();
  expect(await house25.left()).toEqual([days]);
  expect(house25.logged.at(-1)?.[0]).toBe(
    "the store is larger than it may be, and nothing in it can be forgotten yet",
  );
});

test("nothing is forgotten where there is room, or where no rule says so", async () => {
  const roomy = await house(3, { ageMsMax: null, bytesMax: 1e12 });
  const keeper = roomy.begin();
  await roomy.clock.advance(dayMs);
  await keeper.stop();
  expect(await roomy.left()).toEqual([1, 2, 3]);
  const kept = await house(3, { ageMsMax: null, bytesMax: null });
  await kept.begin().stop();
  expect(await kept.left()).toEqual([1, 2, 3]);
});

test("a store that fails is asked again later", async () => {
  const { clock, store, left, begin, logged } = await house(3, { ageMsMax: 1.5 * dayMs, bytesMax: null });
  let asked = 0;
  const failing = {
    ...store,
    forget: async (query: Parameters<typeof store.forget>[0]) => {
      if ((asked += 1) === 1) throw new Error("the disk is full");
      return store.forget(query);
    },
  };
  const keeper = begin(failing);
  await clock.advance(1_000);
  expect(logged.map(([message]) => message)).toEqual([
    "what is old could not be forgotten; it will be tried again",
  ]);
  await clock.advance(retentionLimits.everyMs);
  expect(await left()).toEqual([2, 3]);
  await keeper.stop();
});
