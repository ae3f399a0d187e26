import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AnalysisQueue, widthFor } from "./queue.ts";

describe("the width of the queue", () => {
  it.each([
    [0, 8],
    [500, 8],
    [625, 6],
    [750, 4],
    [900, 1],
    [1_000, 1],
    [1_200, 1],
  ])("with %i of 1000 calls live is %i of 8", (live, width) => {
    expect(widthFor({ live, callsMax: 1_000, analysesMax: 8 })).toBe(width);
  });
});

const never = new AbortController().signal;

describe("the queue", () => {
  it("lets the longest waiting begin first, as many at a time as it is wide", async () => {
    const begun: number[] = [];
    const ends: (() => void)[] = [];
    const queue = new AnalysisQueue({ width: () => 2, waitingMax: 10 });
    const runs = [1, 2, 3, 4].map((number) =>
      queue.run(never, () => {
        begun.push(number);
        return new Promise<void>((resolve) => ends.push(resolve));
      }),
    );
    await Promise.resolve();
    expect(begun).toEqual([1, 2]);
    ends[1]?.();
    await runs[1];
    expect(begun).toEqual([1, 2, 3]);
    ends[0]?.();
    await runs[0];
    expect(begun).toEqual([1, 2, 3, 4]);
  });

  it("turns away what would be one too many, and lets go of what gives up", async () => {
    const queue = new AnalysisQueue({ width: () => 1, waitingMax: 1 });
    const stop = new AbortController();
    void queue.run(never, () => new Promise(() => undefined));
    const waiting = queue.run(stop.signal, async () => "done");
    expect(await queue.run(never, async () => "done")).toBe("turned-away");
    stop.abort();
    expect(await waiting).toBe("given-up");
    expect(await queue.run(stop.signal, async () => "done")).toBe("given-up");
  });

  it("never runs more than it is wide, and always ends", async () => {
    const work = fc.record({ ms: fc.nat(3), fails: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(
        fc.array(work, { maxLength: 20 }),
        fc.integer({ min: 1, max: 4 }),
        async (works, width) => {
          let running = 0;
          let most = 0;
          const queue = new AnalysisQueue({ width: () => width, waitingMax: 100 });
          const runs = works.map(({ ms, fails }) =>
            queue.run(never, async () => {
              running += 1;
              most = Math.max(most, running);
              for (let turn = 0; turn < ms; turn += 1) await Promise.resolve();
              running -= 1;
              if (fails) throw new Error("a bug");
            }),
          );
          const ends = await Promise.allSettled(runs);
          expect(ends.map(({ status }) => status)).toEqual(
            works.map(({ fails }) => (fails ? "rejected" : "fulfilled")),
          );
          expect(most).toBeLessThanOrEqual(width);
        },
      ),
      { numRuns: 200 },
    );
  });
});
