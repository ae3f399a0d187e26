import type { Happening } from "@offhook/protocol";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { TakenCall } from "../store.ts";
import { CallJournal, type JournalParts } from "./journal.ts";

const pageMax = 500;

/** Finishes, as lost with the server, every call that an earlier one left live; answers all that want a report. */
export async function recover(parts: JournalParts & { clock: Clock; log: Log }): Promise<CallJournal[]> {
  const journals: CallJournal[] = [];
  let after = "";
  for (;;) {
    const page = await parts.store.takeCalls({ after, limit: pageMax });
    for (const taken of page) {
      const journal = await takeUp(parts, taken);
      if (journal !== undefined) journals.push(journal);
    }
    after = page.at(-1)?.callId ?? after;
    if (page.length < pageMax) return journals;
  }
}

async function takeUp(
  parts: JournalParts & { clock: Clock; log: Log },
  taken: TakenCall,
): Promise<CallJournal | undefined> {
  const { callId } = taken;
  const journal = await CallJournal.takeUp(parts, taken);
  if (journal === undefined) {
    parts.log.error("a call without entries", { callId });
    return undefined;
  }
  if (journal.reading.call.status !== "finished")
    parts.log.warn("a call was lost with the server", { callId });
  await finishLost(journal, parts.clock);
  return journal;
}

/** Finishes a call that nobody runs any more, if it is not finished. */
export async function finishLost(journal: CallJournal, clock: Clock): Promise<void> {
  if (journal.reading.call.status !== "finished") await journal.append([lost], clock.now());
}

const lost: Happening = {
  type: "status-changed",
  status: "finished",
  endedReason: "server-lost",
  callEndTriggerBy: "system",
};
