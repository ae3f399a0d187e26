import type { Client } from "@offhook/client";
import {
  analysis as analysisSchema,
  type Analysis,
  type CallWithMessages,
  type EndedReason,
} from "@offhook/protocol";
import { poll } from "../clock.ts";
import { type Failure, failureOf } from "../failure.ts";

/** How long a call may take to end, and then its analysis to come. */
const endMaxMs = 20_000;
const analysisMaxMs = 20_000;
const lookEveryMs = 250;

/** A finished call, with its analysis if it came in time. */
export type Ended = {
  call: CallWithMessages;
  endedReason: EndedReason | null;
  analysis: Analysis | undefined;
};

/** Waits for a call that is ending, and for its analysis. */
export async function untilEnded(
  client: Client,
  callId: string,
  signal?: AbortSignal,
): Promise<Ended | Failure> {
  const look = async (
    isEnough: (call: CallWithMessages) => boolean,
  ): Promise<CallWithMessages | Failure | undefined> => {
    const answer = await client.calls.get(callId);
    if (!answer.ok) return failureOf(answer.problem);
    return isEnough(answer.value) ? answer.value : undefined;
  };
  const finished = await poll({ everyMs: lookEveryMs, limitMs: endMaxMs, signal }, () =>
    look(({ status }) => status === "finished"),
  );
  if (finished === undefined)
    return { failure: `The call ${callId} has not ended within ${endMaxMs / 1_000} s.` };
  if ("failure" in finished) return finished;
  const analysed = await poll({ everyMs: lookEveryMs, limitMs: analysisMaxMs, signal }, () =>
    look((one) => analysisOf(one) !== undefined),
  );
  const call = analysed === undefined || "failure" in analysed ? finished : analysed;
  return { call, endedReason: call.endedReason, analysis: analysisOf(call) };
}

function analysisOf({ analysis }: CallWithMessages): Analysis | undefined {
  const read = analysisSchema.safeParse(analysis);
  return read.success ? read.data : undefined;
}
