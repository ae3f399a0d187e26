import { makeCallId, type TeamId } from "@offhook/protocol";
import { expect, test } from "vitest";
import type { StoredEntry } from "../store.ts";
import { settled, virtualClock } from "../testing/virtual-clock.ts";
import { finished } from "../http/testing/fake-calls.ts";
import { type Journal, tail } from "./journal-tail.ts";

const whose = {
  teamId: "ours" as TeamId,
  callId: makeCallId("chat", "11111111-1111-4111-8111-111111111111"),
};
const entry = (seq: number): StoredEntry => ({
  ...whose,
  seq,
  position: seq,
  at: 0,
  sequence: null,
  what: finished,
});

/** A journal whose bell is in the test's hand. */
function open(read: (after: number) => Promise<StoredEntry[]>) {
  const clock = virtualClock();
  const stopping = new AbortController();
  const rings = new Set<() => void>();
  const journal: Journal = {
    read,
    cursorOf: ({ seq }) => seq,
    watch(ring) {
      rings.add(ring);
      return () => rings.delete(ring);
    },
  };
  const entries = tail({ journal, after: 0, limit: 10, idleMs: 1_000, clock, signal: stopping.signal });
  const ring = (): void => {
    for (const one of rings) one();
  };
  return { entries, ring, rings, clock, stopping };
}

test("what is written while it reads is not waited for", async () => {
  let reads = 0;
  const followed = open(async () => {
    reads += 1;
    if (reads > 1) return [entry(1)];
    await settled(1);
    followed.ring();
    await settled(1);
    return [];
  });
  expect(await followed.entries.next()).toMatchObject({ value: [{ seq: 1 }] });
  expect(followed.clock.waiting).toBe(0);
});

test("it reads on from the last entry, and waits when there is none", async () => {
  const written = [entry(1), entry(2)];
  const asked: number[] = [];
  const followed = open(async (after) => {
    asked.push(after);
    return written.filter(({ seq }) => seq > after);
  });
  expect(await followed.entries.next()).toMatchObject({ value: [{ seq: 1 }, { seq: 2 }] });
  const next = followed.entries.next();
  await settled();
  written.push(entry(3));
  followed.ring();
  expect(await next).toMatchObject({ value: [{ seq: 3 }] });
  expect(asked).toEqual([0, 2, 2]);
});

test("it says when nothing came for a while, and looks again by itself", async () => {
  const written: StoredEntry[] = [];
  const followed = open(async (after) => written.filter(({ seq }) => seq > after));
  const idle = followed.entries.next();
  await followed.clock.advance(1_000);
  expect(await idle).toEqual({ done: false, value: [] });
  written.push(entry(1));
  expect(await followed.entries.next()).toMatchObject({ value: [{ seq: 1 }] });
});

test("it ends at the signal, or when it is left, and watches no more", async () => {
  const stopped = open(async () => []);
  const next = stopped.entries.next();
  await settled();
  expect(stopped.rings.size).toBe(1);
  stopped.stopping.abort();
  expect(await next).toMatchObject({ done: true });
  expect(stopped.rings.size).toBe(0);
  const left = open(async () => [entry(1)]);
  await left.entries.next();
  await left.entries.return(undefined);
  expect(left.rings.size).toBe(0);
  expect(left.clock.waiting).toBe(0);
});
