import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import { virtualClock } from "../../testing/virtual-clock.ts";
import { packOutcomes, unpackJobs } from "./parcel.ts";
import { patienceMs, runThread } from "./thread.ts";
import type { Order, Report } from "./worker.ts";

/** A thread whose worker notes what it is told in one message, and answers when it is told to. */
function opened() {
  const clock = virtualClock();
  const groups: string[][] = [];
  let answer = (): void => undefined;
  class Worker extends EventEmitter {
    postMessage(order: Order): void {
      if (order.kind !== "jobs") throw new Error("only jobs are given here");
      const jobs = unpackJobs(order.jobs);
      groups.push(jobs.map(({ input }) => String(input)));
      const outcomes = packOutcomes(
        jobs,
        jobs.map(() => ({ ok: true, value: null })),
      );
      answer = () => void this.emit("message", { kind: "outcomes", outcomes } satisfies Report);
    }
  }
  const thread = runThread(new Worker() as never, clock);
  const ask = (input: string, haste?: "with-others") => void thread.ask({ name: "findKey", input }, haste);
  return { clock, groups, ask, answer: () => answer() };
}

test("a job that nobody waits for goes with the next one", async () => {
  const { clock, groups, ask, answer } = opened();
  ask("a", "with-others");
  await clock.advance(patienceMs - 1);
  expect(groups).toEqual([]);
  ask("b");
  await clock.advance(0);
  expect(groups).toEqual([["a", "b"]]);
  answer();
  expect(clock.waiting).toBe(0);
  await clock.advance(patienceMs);
  expect(groups).toHaveLength(1);
});

test("it goes alone once its patience is over", async () => {
  const { clock, groups, ask } = opened();
  ask("a", "with-others");
  await clock.advance(patienceMs);
  expect(groups).toEqual([["a"]]);
});

test("it waits no longer than for the group that is under way", async () => {
  const { clock, groups, ask, answer } = opened();
  ask("a");
  await clock.advance(0);
  ask("b", "with-others");
  answer();
  expect(groups).toEqual([["a"], ["b"]]);
});
