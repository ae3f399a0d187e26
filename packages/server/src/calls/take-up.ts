import { flatTool, isMcp, type LiveUpdate } from "@offhook/protocol";
import type { OpenChannel } from "../channel.ts";
import type { Clock } from "../clock.ts";
import { type ReadBack, readBack } from "../conversation/read-back.ts";
import { takeUp } from "../conversation/take-up.ts";
import type { Log } from "../log.ts";
import type { StoredEntry, TakenCall } from "../store.ts";
import { CallJournal, type JournalParts } from "./journal.ts";
import { finishLost } from "./lost.ts";
import type { CallToRun } from "./run-call.ts";
import { setupOf } from "./setup.ts";

export type TakeUpParts = JournalParts & {
  clock: Clock;
  log: Log;
  /** A chat's line; what a client is to see of it at once goes to `publish`. */
  chat: (publish: (update: LiveUpdate) => void) => OpenChannel;
};

/** A call that was taken: it goes on, or is finished and only to be reported. */
export type TakenUp = { kind: "goes-on"; call: CallToRun } | { kind: "finished"; journal: CallJournal };

/** Takes up a call that is this server's now; undefined when nothing of it is there. Fails as the store does. */
export async function takeUpCall(parts: TakeUpParts, taken: TakenCall): Promise<TakenUp | undefined> {
  const found = await CallJournal.takeUp(parts, taken);
  if (found === undefined) {
    parts.log.error("a call without entries", { callId: taken.callId });
    return undefined;
  }
  const { journal } = found;
  const call = journal.reading.call.status === "finished" ? undefined : await goOn(parts, found);
  if (call !== undefined) return { kind: "goes-on", call };
  await finishLost(journal, parts.clock);
  return { kind: "finished", journal };
}

type Found = { journal: CallJournal; entries: readonly StoredEntry[] };

async function goOn(parts: TakeUpParts, { journal, entries }: Found): Promise<CallToRun | undefined> {
  const { clock, log } = parts;
  const { callId } = journal;
  const openChannel = lineOf(parts, journal);
  const assistant = await parts.store.assistantOfCall({ callId });
  if (openChannel === undefined || assistant === undefined) {
    log.warn("a call was lost with its server", { callId });
    return undefined;
  }
  const now = clock.now();
  const tools = assistant.tools.flatMap((tool) => (isMcp(tool) ? [] : [flatTool(tool)]));
  const setup = setupOf({ assistant: { ...assistant, tools } }, openChannel);
  const read = readQuietly(log, () => readBack({ id: callId, setup, entries }, now));
  if (read === undefined) {
    log.error("a call cannot be read back from its journal: another version wrote it", { callId });
    return undefined;
  }
  const pauseMs = Math.max(0, now - (entries.at(-1)?.at ?? now));
  const { state, entries: happenings, effects } = takeUp({ ...read, pauseMs }, now);
  await journal.append(happenings, now);
  log.info("call taken up", { callId, teamId: journal.teamId, state: read.state.name, pauseMs });
  return { journal, state, effects, assistant, openChannel };
}

/** The line on which a call can go on: where all that is said is heard at once, nothing of it is lost with a server. */
function lineOf(
  { chat, bus }: TakeUpParts,
  { teamId, callId, reading }: CallJournal,
): OpenChannel | undefined {
  if (reading.call.callType !== "chat") return undefined;
  const openChannel = chat((update) => bus.publish({ kind: "live", teamId, callId, update }));
  return canMove(openChannel) ? openChannel : undefined;
}

/** Whether another server can go on with a call on such a line. */
export function canMove({ playback }: OpenChannel): boolean {
  return playback === "instant";
}

/** A fault of ours in reading must not keep a call open for ever. */
function readQuietly(log: Log, read: () => ReadBack | undefined): ReadBack | undefined {
  try {
    return read();
  } catch (error) {
    log.error("reading a call back failed", { error });
    return undefined;
  }
}
