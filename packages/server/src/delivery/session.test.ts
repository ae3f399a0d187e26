import { expect, test } from "vitest";
import { openLocalStore } from "../store/sqlite/sqlite-store.ts";
import { SampleJournal, spoken } from "../store/testing/samples.ts";
import { nextLetter, sessionOf } from "./session.ts";

async function opened() {
  const store = openLocalStore();
  const journal = new SampleJournal(1);
  const { lane } = await store.openJournal(journal.open(spoken("a"), spoken("b"), spoken("c")));
  if (lane === null) throw new Error("its events are told");
  return { store, session: sessionOf({ ...lane, settled: 1 }) };
}

test("an old event that is sent again between two attempts of the next one leaves that one where it was", async () => {
  const { store, session } = await opened();
  const next = await nextLetter(store, session);
  expect(next).toMatchObject({ sequence: 2, attemptsBefore: 0 });
  session.row = { ...session.row, attempts: 1, again: [1] };
  const again = await nextLetter(store, session);
  expect(again?.sequence).toBe(1);
  expect(await nextLetter(store, session)).toBe(again);
  session.row = { ...session.row, again: [] };
  expect(await nextLetter(store, session)).toBe(next);
  session.row = { ...session.row, settled: 2 };
  expect(await nextLetter(store, session)).toMatchObject({ sequence: 3 });
  session.row = { ...session.row, again: [1] };
  expect(await nextLetter(store, session), "its attempts are counted anew").not.toBe(again);
});
