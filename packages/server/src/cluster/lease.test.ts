import { describe, expect, test } from "vitest";
import { silentLog } from "../log.ts";
import type { NodeNote, Nodes } from "../store.ts";
import { seededRandom } from "../testing/seeded-random.ts";
import { virtualClock } from "../testing/virtual-clock.ts";
import { keepLease, leaseMs } from "./lease.ts";

type Word = NodeNote & { leaseMs: number };

/** A store that answers as it is told, with a clock that is five minutes ahead. */
function fakeStore() {
  const words: Word[] = [];
  const dropped: number[] = [];
  let answer: "runs" | "lapsed" | "fails" | "hangs" = "runs";
  const store: Pick<Nodes, "keepLease" | "dropLease"> = {
    keepLease: async (word) => {
      words.push(word);
      if (answer === "fails") throw new Error("the store is away");
      if (answer === "hangs") return new Promise<never>(() => undefined);
      return { lease: answer, now: 1_000_000 };
    },
    dropLease: async () => void dropped.push(words.length),
  };
  return { store, words, dropped, say: (next: typeof answer) => (answer = next) };
}

async function begin() {
  const steady = virtualClock(0);
  const fake = fakeStore();
  const heard: string[] = [];
  let live = 0;
  const lease = await keepLease(
    {
      store: fake.store,
      steady,
      random: seededRandom(),
      log: silentLog,
      describe: () => ({ url: "http://a", roles: ["calls"], live: (live += 1), takesCalls: true }),
    },
    {
      adrift: () => heard.push(`adrift at ${steady.now()}`),
      begun: () => heard.push(`begun at ${steady.now()}`),
      time: () => undefined,
    },
  );
  return { ...fake, steady, heard, lease };
}

describe("a lease", () => {
  test("is renewed three times in its time, with what is new", async () => {
    const { steady, words, lease } = await begin();
    await steady.advance(leaseMs);
    expect(words.map(({ live }) => live)).toEqual([1, 2, 3, 4]);
    expect(new Set(words.map(({ nodeId }) => nodeId))).toEqual(new Set([lease.nodeId]));
    expect(lease.holds).toBe(true);
  });

  test("is over when the store was silent for its time, and not a moment later", async () => {
    for (const silence of ["fails", "hangs"] as const) {
      const { steady, say, heard, lease } = await begin();
      await steady.advance(1_500);
      say(silence);
      await steady.advance(2_499);
      expect(heard).toEqual([]);
      await steady.advance(1);
      expect(heard).toEqual(["adrift at 4000"]);
      expect(lease.holds).toBe(false);
    }
  });

  test("begins again as another node, once the store answers", async () => {
    const { steady, say, heard, lease, words } = await begin();
    const first = lease.nodeId;
    say("fails");
    await steady.advance(10_000);
    say("runs");
    await steady.advance(1_000);
    expect(heard).toEqual(["adrift at 3000", "begun at 11000"]);
    expect(lease.nodeId).not.toBe(first);
    expect(words.at(-1)?.nodeId).toBe(lease.nodeId);
  });

  test("that has lapsed in the store is over at once, whatever this node believed", async () => {
    const { steady, say, heard, lease } = await begin();
    const first = lease.nodeId;
    say("lapsed");
    await steady.advance(1_000);
    expect(heard).toEqual(["adrift at 1000"]);
    say("runs");
    await steady.advance(1_000);
    expect(heard).toEqual(["adrift at 1000", "begun at 2000"]);
    expect(lease.nodeId).not.toBe(first);
  });

  test("that lapsed before it was heard of is begun under one more id", async () => {
    const { steady, say, heard, lease } = await begin();
    say("hangs");
    await steady.advance(4_500);
    const unheard = lease.nodeId;
    say("lapsed");
    await steady.advance(1_500);
    say("runs");
    await steady.advance(1_000);
    expect(heard).toEqual(["adrift at 3000", expect.stringContaining("begun")]);
    expect(lease.nodeId).not.toBe(unheard);
  });

  test("an answer that comes too late holds nothing", async () => {
    const { steady, store, words, heard, lease } = await begin();
    const first = lease.nodeId;
    const answers: ((answer: { lease: "runs"; now: null }) => void)[] = [];
    store.keepLease = (word) => {
      words.push(word);
      return new Promise((resolve) => {
        if (word.nodeId === first) answers.push(resolve);
      });
    };
    await steady.advance(3_000);
    expect(heard).toEqual(["adrift at 3000"]);
    expect(answers).toHaveLength(2);
    expect(words.filter(({ nodeId }) => nodeId === first)).toHaveLength(3);
    for (const answer of answers) answer({ lease: "runs", now: null });
    await steady.advance(500);
    expect(lease.holds).toBe(false);
  });

  test("ends when the node leaves: nothing is renewed any more", async () => {
    const { steady, words, dropped, lease } = await begin();
    await lease.end();
    await steady.advance(10_000);
    expect(dropped).toEqual([1]);
    expect(words).toHaveLength(1);
  });

  test("that cannot begin is a fault", async () => {
    const fake = fakeStore();
    fake.say("fails");
    const parts = {
      store: fake.store,
      steady: virtualClock(0),
      random: seededRandom(),
      log: silentLog,
      describe: () => ({ url: "", roles: [], live: 0, takesCalls: true }),
    };
    const news = { adrift: () => undefined, begun: () => undefined, time: () => undefined };
    await expect(keepLease(parts, news)).rejects.toThrow("the store is away");
  });
});
