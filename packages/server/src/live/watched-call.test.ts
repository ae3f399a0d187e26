import { type CallId, type LiveUpdate, makeCallId, type TeamId } from "@offhook/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { News } from "../bus.ts";
import { finished, spoken } from "../http/testing/fake-calls.ts";
import type { StoredEntry } from "../store.ts";
import { WatchedCall } from "./watched-call.ts";

const teamId = "ours" as TeamId;
const callId = makeCallId("chat", "11111111-1111-4111-8111-111111111111");

/** A journal of so many messages, and its end. */
function journalOf(messages: number): StoredEntry[] {
  const call = { status: "queued", endedReason: null, startAt: null } as never;
  const created = {
    type: "call-created",
    call,
    customer: {},
    phone: {},
    assistant: {},
    subscription: null,
  } as never;
  const words = Array.from({ length: messages }, (_, index) =>
    spoken({ role: "assistant", text: `word ${index}`, timestamp: index, messageId: `m${index}` }),
  );
  return [created, ...words, finished].map((what, index) => ({
    seq: index + 1,
    at: index,
    sequence: null,
    what,
    position: index + 1,
    teamId,
    callId,
  }));
}

/** A store that holds the journal up to a point that moves. */
function storeOf(journal: StoredEntry[]) {
  const store = {
    written: 1,
    entriesOfCall: async ({ after, limit }: { callId: CallId; after: number; limit: number }) =>
      journal
        .slice(0, store.written)
        .filter(({ seq }) => seq > after)
        .slice(0, limit),
  };
  return store;
}

const entries = (journal: StoredEntry[], from: number, to: number): News => ({
  kind: "entries",
  teamId,
  callId,
  entries: journal.slice(from, to),
});
const delta = (messageId: string): News => ({
  kind: "live",
  teamId,
  callId,
  update: { type: "delta", messageId, text: "x" },
});
const idsOf = (updates: LiveUpdate[]): string[] =>
  updates.flatMap((update) => (update.type === "message" ? [update.message.messageId] : []));

test("shows first the status and what was said, then what is news", async () => {
  const journal = journalOf(3);
  const store = storeOf(journal);
  store.written = 2;
  const call = new WatchedCall(store, { teamId, callId });
  expect(await call.begin()).toMatchObject([
    { type: "status", status: "queued" },
    { type: "message", message: { messageId: "m0" } },
  ]);
  store.written = 5;
  expect(await call.hear(entries(journal, 2, 4))).toMatchObject([{ type: "message" }, { type: "message" }]);
  expect(await call.hear(entries(journal, 4, 5))).toEqual([
    { type: "status", status: "finished", endedReason: "user-hung-up" },
  ]);
});

test("shows all of a long journal", async () => {
  const journal = journalOf(1_300);
  const store = storeOf(journal);
  store.written = 700;
  const call = new WatchedCall(store, { teamId, callId });
  const updates = await call.begin();
  store.written = journal.length;
  updates.push(...(await call.catchUp()));
  expect(idsOf(updates)).toHaveLength(1_300);
});

test("a late piece of a message that was shown whole is left out, any other is shown", async () => {
  const journal = journalOf(1);
  const store = storeOf(journal);
  store.written = 2;
  const call = new WatchedCall(store, { teamId, callId });
  await call.begin();
  expect(await call.hear(delta("m0"))).toEqual([]);
  expect(await call.hear(delta("m1"))).toEqual([{ type: "delta", messageId: "m1", text: "x" }]);
});

test("whatever the bus leaves out, repeats or brings early, each message is shown once and in order", async () => {
  const step = fc.record({
    write: fc.nat(3),
    tell: fc.constantFrom("all", "last", "again", "nothing", "look" as const),
  });
  await fc.assert(
    fc.asyncProperty(fc.nat(3), fc.array(step, { maxLength: 25 }), async (before, steps) => {
      const journal = journalOf(steps.length * 3 + before);
      const store = storeOf(journal);
      store.written = 1 + before;
      const call = new WatchedCall(store, { teamId, callId });
      const shown = await call.begin();
      for (const { write, tell } of steps) {
        const from = store.written;
        store.written = Math.min(journal.length, from + write);
        if (tell === "all") shown.push(...(await call.hear(entries(journal, from, store.written))));
        if (tell === "last")
          shown.push(...(await call.hear(entries(journal, Math.max(1, store.written - 1), store.written))));
        if (tell === "again") shown.push(...(await call.hear(entries(journal, 0, store.written))));
        if (tell === "look") shown.push(...(await call.catchUp()));
      }
      shown.push(...(await call.catchUp()));
      const written = journal
        .slice(1, store.written)
        .flatMap(({ what }) => (what.type === "message-added" ? [what.message.messageId] : []));
      expect(idsOf(shown)).toEqual(written);
    }),
    { numRuns: 300 },
  );
});

test("what was shown in part and lost with its server is to be shown anew; what came whole is not", async () => {
  const journal = journalOf(2);
  const taken = { ...journal[3]!, what: { type: "taken-up", pauseMs: 700 } as const };
  const hears = async (...news: News[]): Promise<boolean> => {
    const store = storeOf(journal);
    const watched = new WatchedCall(store, { teamId, callId });
    await watched.begin();
    for (const one of news) await watched.hear(one);
    return watched.isTorn;
  };
  const takenUp: News = { kind: "entries", teamId, callId, entries: [taken] };
  expect(await hears(delta("m0"), entries(journal, 1, 2), delta("m9"), entries(journal, 2, 3), takenUp)).toBe(
    true,
  );
  expect(await hears(delta("m0"), entries(journal, 1, 3), takenUp)).toBe(false);
  expect(await hears(delta("m9"), entries(journal, 1, 3))).toBe(false);
});
