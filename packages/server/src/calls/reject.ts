import type { Cost, Happening, Refusal } from "@offhook/protocol";
import type { Clock } from "../clock.ts";
import type { NoPlace } from "./admission.ts";
import { CallJournal, type JournalParts } from "./journal.ts";
import { measure } from "./measure.ts";
import { destinationOf, firstHappenings, type NewCall } from "./new-call.ts";
import type { ReportParts } from "./report.ts";

export type RejectParts = JournalParts & Pick<ReportParts, "analyse"> & { clock: Clock };

type Rejected = Pick<NewCall, "teamId" | "body" | "callId" | "found"> & { signal: AbortSignal };

/** Writes a call that found no place, from its first entry to its report, in one transaction. */
export async function writeRejected(parts: RejectParts, rejected: Rejected): Promise<void> {
  const { signal, ...given } = rejected;
  const { callId, found } = given;
  const { who } = found;
  const now = parts.clock.now();
  const happenings = firstHappenings({ ...given, now });
  const { inTime } = parts.analyse({ assistant: who.assistant, entries: [], signal });
  const { analysis } = await inTime;
  const end: Happening[] = [
    {
      type: "status-changed",
      status: "finished",
      endedReason: "rejected-over-capacity",
      callEndTriggerBy: "system",
    },
    { type: "analysis-finished", analysis },
    { type: "reported", cost: nothing, metrics: measure([]) },
  ];
  await CallJournal.begin(parts, {
    teamId: given.teamId,
    callId,
    happenings: [...happenings, ...end],
    at: now,
    destination: destinationOf(who),
    assistant: who.assistant,
  });
}

const nothing: Cost = {
  callDuration: 0,
  llmPromptTokens: 0,
  llmCompletionTokens: 0,
  llmRequestsUncounted: 0,
  llmCost: 0,
  currency: "USD",
};

/** Why there is no place, and what to do. `callId` is the call that was written of it, if it was. */
export function refusalOf(why: NoPlace, limit: number, callId: string | undefined): Refusal {
  const written = callId === undefined ? "" : ` The refused call is ${callId}.`;
  if (why.kind === "team-full") {
    const detail = `Your team holds ${limit} calls, its limit here: end one, or try later.${written}`;
    return { refused: "team-over-capacity", detail };
  }
  return {
    refused: "over-capacity",
    detail: `The server holds ${limit} calls and takes no more: try later.${written}`,
  };
}
