import { timedOut, within } from "./clock.ts";
import type { Receipts } from "./receipts.ts";
import { isPromise, type Soon, andThen } from "./soon.ts";

/** What became of a run: its answer, or why there is none. */
export type Ran = { kind: "answered"; body: string } | { kind: "failed" | "elsewhere" };

/** It still goes on; `run` is what will have become of it. */
export type Late = { kind: "late"; run: Promise<Ran> };

export type Once = {
  /**
   * Runs what makes the answer to `id`, unless it has been answered: then the
   * same answer is given. While a run goes on, others with its id wait for it,
   * each at most `waitMsMax`. A run that gives null has failed and is
   * forgotten. Without an id (null) it always runs.
   */
  run(id: string | null, waitMsMax: number, make: Make): Soon<Ran | Late>;
  /** Runs that have not ended, also those that nobody waits for any more. */
  running(): number;
};

type Make = () => Soon<string | null>;

export function makeOnce(receipts: Receipts): Once {
  const runs = new Map<string | symbol, Promise<Ran>>();
  const start = (id: string | null, make: Make): Soon<Ran> => {
    const run = id === null ? fresh(make) : claimed(receipts, id, make);
    // What has ended already nobody else can wait for.
    if (!isPromise(run)) return run;
    const key = id ?? Symbol("without an id");
    const kept = run.finally(() => runs.delete(key));
    runs.set(key, kept);
    return kept;
  };
  return {
    run(id, waitMsMax, make) {
      const earlier = id === null ? undefined : runs.get(id);
      const run = earlier ?? start(id, make);
      return isPromise(run) ? waited(run, waitMsMax) : run;
    },
    running: () => runs.size,
  };
}

async function waited(run: Promise<Ran>, waitMsMax: number): Promise<Ran | Late> {
  const ran = await within(waitMsMax, run);
  return ran === timedOut ? { kind: "late", run } : ran;
}

function fresh(make: Make): Soon<Ran> {
  return andThen(make(), (body): Ran => (body === null ? { kind: "failed" } : { kind: "answered", body }));
}

function claimed(receipts: Receipts, id: string, make: Make): Soon<Ran> {
  return andThen(receipts.claim(id), (claim): Soon<Ran> => {
    if (claim.kind !== "new") return claim;
    return andThen(fresh(make), (ran) => {
      const noted = ran.kind === "answered" ? receipts.keep(id, ran.body) : receipts.forget(id);
      return andThen(noted, () => ran);
    });
  });
}
