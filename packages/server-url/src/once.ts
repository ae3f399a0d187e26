import { timedOut, within } from "./clock.ts";
import type { Receipts } from "./receipts.ts";

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
  run(id: string | null, waitMsMax: number, make: Make): Promise<Ran | Late>;
  /** Runs that have not ended, also those that nobody waits for any more. */
  running(): number;
};

type Make = () => Promise<string | null>;

export function makeOnce(receipts: Receipts): Once {
  const runs = new Map<string | symbol, Promise<Ran>>();
  const start = (id: string | null, make: Make): Promise<Ran> => {
    const key = id ?? Symbol("without an id");
    const run = (id === null ? fresh(make) : claimed(receipts, id, make)).finally(() => runs.delete(key));
    runs.set(key, run);
    return run;
  };
  return {
    async run(id, waitMsMax, make) {
      const earlier = id === null ? undefined : runs.get(id);
      const run = earlier ?? start(id, make);
      const ran = await within(waitMsMax, run);
      return ran === timedOut ? { kind: "late", run } : ran;
    },
    running: () => runs.size,
  };
}

async function fresh(make: Make): Promise<Ran> {
  const body = await make();
  return body === null ? { kind: "failed" } : { kind: "answered", body };
}

async function claimed(receipts: Receipts, id: string, make: Make): Promise<Ran> {
  const claim = await receipts.claim(id);
  if (claim.kind !== "new") return claim;
  const ran = await fresh(make);
  if (ran.kind === "answered") await receipts.keep(id, ran.body);
  else await receipts.forget(id);
  return ran;
}
