import type { Analysis, AssistantBody, CallId, Entry } from "@offhook/protocol";
import type { Clock } from "../clock.ts";
import type { Store } from "../store.ts";
import type { CallJournal } from "./journal.ts";
import { costOf, measure } from "./measure.ts";

export type ReportParts = {
  store: Store;
  clock: Clock;
  /** Never throws, and keeps its own time limits. */
  analyse: (given: { assistant: AssistantBody; entries: readonly Entry[] }) => Promise<Analysis>;
};

const pageMax = 500;

/** What a finished call amounted to, written as the last of it: analyses first, then the report. */
export async function report(parts: ReportParts, journal: CallJournal): Promise<void> {
  const { reading } = journal;
  if (reading.call.metrics !== null) return;
  const entries = await allEntries(parts.store, journal.callId);
  const assistant = await parts.store.assistantOfCall({ callId: journal.callId });
  if (assistant === undefined) throw new Error(`call ${journal.callId} has lost its assistant`);
  const analysis = await parts.analyse({ assistant, entries });
  const happenings = [
    { type: "analysis-finished", analysis },
    { type: "reported", cost: costOf(reading, entries), metrics: measure(entries) },
  ] as const;
  await journal.append(happenings, parts.clock.now());
}

async function allEntries(store: Store, callId: CallId): Promise<Entry[]> {
  const all: Entry[] = [];
  for (;;) {
    const page = await store.entriesOfCall({ callId, after: all.at(-1)?.seq ?? 0, limit: pageMax });
    all.push(...page);
    if (page.length < pageMax) return all;
  }
}
