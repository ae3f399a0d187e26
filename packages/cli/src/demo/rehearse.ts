import { exitCodes } from "../exit-codes.ts";
import type { Failure } from "../failure.ts";
import { aborted } from "../signals.ts";
import { hangUp, placeCall } from "../talk/live-call.ts";
import { speak } from "../talk/speak.ts";
import { Transcript } from "../talk/transcript.ts";
import { type Outcome, outcomeOf } from "./outcome.ts";
import { putAssistant } from "./put-assistant.ts";
import type { Stage } from "./stage.ts";

/** A call that was talked through. */
export type Rehearsed = { assistantId: string; callId: string; outcome: Outcome | Failure };

/** The patient calls the clinic's assistant and says their lines; then the clinic hears how it ended. */
export async function rehearse(
  stage: Stage,
  say: (line: string) => void,
  stop: AbortSignal,
): Promise<Rehearsed | Failure> {
  const { client, clinic } = stage;
  const { patient } = clinic;
  const assistant = await putAssistant(client, clinic.assistant);
  if ("failure" in assistant) return assistant;
  const labels = { user: "  patient │ ", assistant: "assistant │ " };
  const paper = {
    write: (text: string) => say(text.trimEnd()),
    note: (line: string) => say(`          │ ${line}`),
  };
  const transcript = new Transcript(paper, { showUser: true, stream: false, labels });
  const customer = { number: patient.number, name: patient.name };
  const placed = await placeCall(
    client,
    { assistantId: assistant.id, callType: "chat", customer },
    transcript,
  );
  if ("failure" in placed) return placed;
  const speaking = speak({
    client,
    callId: placed.id,
    lines: patient.lines,
    signal: stop,
  });
  const said = await Promise.race([speaking, aborted(stop)]);
  if (stop.aborted) return stopped;
  if (typeof said === "object") return said;
  await hangUp(client, placed);
  const outcome = await outcomeOf(client, placed.id, stop);
  return stop.aborted ? stopped : { assistantId: assistant.id, callId: placed.id, outcome };
}

const stopped: Failure = {
  failure: "Stopped before the demo was over; its call is ended and reported.",
  exitCode: exitCodes.interrupted,
};
