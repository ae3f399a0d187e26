import type { CallId, Entry } from "@offhook/protocol";
import type { Analyses, CallToAnalyse } from "../analysis/analyse.ts";
import type { Clock } from "../clock.ts";
import type { ModelUse, Prices } from "../model.ts";
import type { Store } from "../store.ts";
import { costOf } from "./cost.ts";
import type { CallJournal } from "./journal.ts";
import { measure } from "./measure.ts";

export type ReportParts = {
  store: Store;
  clock: Clock;
  /** Keeps its own time limits; fails only when its signal gives it up. */
  analyse: (given: CallToAnalyse) => Analyses;
  /** What models cost, by `provider/model`. */
  prices: Prices;
};

const pageMax = 500;

/** What is still to come of a call that has its report; ends by itself, or with the signal. */
export type Afterwards = Promise<void>;

/** What a finished call amounted to, written as the last of it: analyses first, then the report. */
export async function report(
  parts: ReportParts,
  journal: CallJournal,
  signal: AbortSignal,
): Promise<{ afterwards: Afterwards }> {
  await journal.catchUp();
  const { reading } = journal;
  if (reading.call.metrics !== null) return { afterwards: Promise.resolve() };
  const entries = await allEntries(parts.store, journal.callId);
  const assistant = await parts.store.assistantOfCall({ callId: journal.callId });
  if (assistant === undefined) throw new Error(`call ${journal.callId} has lost its assistant`);
  const { inTime, late } = parts.analyse({ assistant, entries, signal });
  const { analysis, uses } = await inTime;
  const cost = (analyses: readonly ModelUse[]) =>
    costOf({ reading, entries, analyses, assistant, prices: parts.prices });
  const happenings = [
    { type: "analysis-finished", analysis },
    { type: "reported", cost: cost(uses), metrics: measure(entries) },
  ] as const;
  await journal.append(happenings, parts.clock.now());
  const amend = async (): Promise<void> => {
    const amended = await late;
    if (amended === undefined || signal.aborted) return;
    const updated = {
      type: "analysis-updated",
      analysis: amended.analysis,
      cost: cost(amended.uses),
    } as const;
    await journal.append([updated], parts.clock.now());
  };
  return { afterwards: amend() };
}

async function allEntries(store: Store, callId: CallId): Promise<Entry[]> {
  const all: Entry[] = [];
  for (;;) {
    const page = await store.entriesOfCall({ callId, after: all.at(-1)?.seq ?? 0, limit: pageMax });
    all.push(...page);
    if (page.length < pageMax) return all;
  }
}
