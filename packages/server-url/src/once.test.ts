import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { makeOnce } from "./once.ts";
import { memoryReceipts } from "./receipts.ts";

const roomy = { receiptsMax: 100, receiptsBytesMax: 100_000 };
const longMs = 60_000;

/** A way to run things once, and a thing to run that ends when it is let go. */
function started() {
  const once = makeOnce(memoryReceipts(roomy));
  const gate = Promise.withResolvers<void>();
  let runs = 0;
  const make = async (): Promise<string> => {
    runs += 1;
    const ticket = String(runs);
    await gate.promise;
    return ticket;
  };
  return { once, make, open: gate.resolve, runs: () => runs };
}

describe("once", () => {
  it("lets others with the id wait for the one that runs", async () => {
    const { once, make, open, runs } = started();
    const all = ["a", "a", "b", "a"].map(async (id) => once.run(id, longMs, make));
    expect(once.running()).toBe(2);
    open();
    expect(await Promise.all(all)).toEqual(["1", "1", "2", "1"].map((body) => ({ kind: "answered", body })));
    expect(once.running()).toBe(0);
    expect(await once.run("a", longMs, make)).toEqual({ kind: "answered", body: "1" });
    expect(runs()).toBe(2);
  });

  it("runs each id once, however they come", async () => {
    const ids = fc.array(fc.tuple(fc.constantFrom("a", "b", "c"), fc.boolean()), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(ids, fc.nat(30), async (given, openAt) => {
        const { once, make, open, runs } = started();
        const all = [];
        for (const [index, [id, waits]] of given.entries()) {
          if (index >= openAt) open();
          const ran = Promise.resolve(once.run(id, longMs, make));
          all.push(ran.then((done) => ({ id, done })));
          if (waits && index >= openAt) await ran;
        }
        open();
        const bodies = new Map<string, unknown>();
        for (const { id, done } of await Promise.all(all)) {
          expect(done).toEqual(bodies.get(id) ?? done);
          bodies.set(id, done);
        }
        expect(runs()).toBe(bodies.size);
      }),
    );
  });

  it("waits no longer than it was told, and finds the run again that went on", async () => {
    const { once, make, open, runs } = started();
    expect(await once.run("a", 5, make)).toMatchObject({ kind: "late" });
    expect(once.running()).toBe(1);
    const again = once.run("a", longMs, make);
    open();
    expect(await again).toEqual({ kind: "answered", body: "1" });
    expect(runs()).toBe(1);
  });

  it("forgets a run that failed, for all who waited", async () => {
    const { once, make, open } = started();
    const fails = async (): Promise<null> => null;
    const both = [fails, make].map(async (run) => once.run("a", longMs, run));
    expect(await Promise.all(both)).toEqual([{ kind: "failed" }, { kind: "failed" }]);
    open();
    expect(await once.run("a", longMs, make)).toEqual({ kind: "answered", body: "1" });
  });

  it("always runs what has no id", async () => {
    const { once, make, open, runs } = started();
    open();
    await Promise.all([once.run(null, longMs, make), once.run(null, longMs, make)]);
    expect(runs()).toBe(2);
  });
});
