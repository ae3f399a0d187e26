import { expect, test } from "vitest";
import { settled } from "../../testing/virtual-clock.ts";
import type { Thread } from "./thread.ts";
import { countWrites } from "./write-ahead-log.ts";

/** Counts writes on threads that only say what they are asked to do. */
function opened(flush?: () => Promise<void>) {
  const steps: string[] = [];
  const threadOf = (name: string): Thread => ({
    ask: () => Promise.reject(new Error("nothing is asked here")),
    checkpoint: async () => void steps.push(`${name} moves`),
    close: async () => undefined,
  });
  const log = {
    writer: threadOf("writer"),
    reader: threadOf("reader"),
    flush: flush ?? (async () => void steps.push("flush")),
  };
  return { steps, wrote: countWrites(log) };
}

const enough = 2_000;

async function write(wrote: () => void, times: number): Promise<void> {
  for (let done = 0; done < times; done += 1) wrote();
  await settled(1);
}

test("what was moved is flushed each time, and before the writing thread moves the rest", async () => {
  const { steps, wrote } = opened();
  for (let move = 1; move < 8; move += 1) {
    await write(wrote, enough - 1);
    expect(steps).toEqual([]);
    await write(wrote, 1);
    expect(steps.splice(0)).toEqual(["reader moves", "flush"]);
  }
  await write(wrote, enough);
  expect(steps).toEqual(["reader moves", "flush", "reader moves", "flush", "writer moves"]);
});

test("a flush that takes long holds up no write, and the next move waits for it", async () => {
  let flushed = (): void => undefined;
  const { steps, wrote } = opened(() => new Promise((resolve) => (flushed = resolve)));
  await write(wrote, 3 * enough);
  expect(steps).toEqual(["reader moves"]);
  flushed();
  await write(wrote, 1);
  await write(wrote, enough);
  expect(steps).toEqual(["reader moves", "reader moves"]);
});
