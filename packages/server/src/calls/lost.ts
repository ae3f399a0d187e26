import type { Happening } from "@offhook/protocol";
import type { Clock } from "../clock.ts";
import { StoreError } from "../store.ts";
import type { CallJournal } from "./journal.ts";

/** Finishes a call that nobody can go on with, if it is not finished. */
export async function finishLost(journal: CallJournal, clock: Clock): Promise<void> {
  await journal.catchUp();
  if (journal.reading.call.status !== "finished") await journal.append([lost], clock.now());
}

const lost: Happening = {
  type: "status-changed",
  status: "finished",
  endedReason: "server-lost",
  callEndTriggerBy: "system",
};

/** Whether another server has the call: it is no concern of ours any more. */
export function isAnothers(error: unknown): boolean {
  return error instanceof StoreError && error.code === "fenced";
}
