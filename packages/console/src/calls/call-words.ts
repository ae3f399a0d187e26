import type { Analysis, Call, CallStatus, EndedReason } from "@offhook/protocol";
import type { Tone } from "../ui/tone.ts";

export const statusTones: Record<CallStatus, Tone> = {
  queued: "note",
  ongoing: "accent",
  forwarded: "talk",
  finished: "plain",
};

const endings: Record<EndedReason, { words: string; tone: Tone }> = {
  "user-hung-up": { words: "The user hung up", tone: "plain" },
  "assistant-ended": { words: "The assistant ended it", tone: "plain" },
  "end-phrase": { words: "An end phrase was said", tone: "plain" },
  "control-ended": { words: "Ended through control", tone: "plain" },
  "idle-timeout": { words: "Nobody spoke", tone: "warn" },
  "max-duration": { words: "It took too long", tone: "warn" },
  forwarded: { words: "Forwarded", tone: "plain" },
  "no-answer": { words: "No answer", tone: "warn" },
  busy: { words: "Busy", tone: "warn" },
  "rejected-over-capacity": { words: "Over capacity", tone: "bad" },
  "model-failed": { words: "The model failed", tone: "bad" },
  "channel-lost": { words: "The line was lost", tone: "bad" },
  "server-lost": { words: "The server was lost", tone: "bad" },
  "server-stopped": { words: "The server was stopped", tone: "warn" },
  canceled: { words: "Cancelled", tone: "plain" },
};

/** Why a call ended, in words. */
export function ending(call: Pick<Call, "endedReason">): { words: string; tone: Tone } | undefined {
  return call.endedReason === null ? undefined : endings[call.endedReason];
}

/** Who the other side is. */
export function callerOf(call: Pick<Call, "userNumber" | "id">): string {
  return call.userNumber === "" ? call.id : call.userNumber;
}

export function isLive({ status }: Pick<Call, "status">): boolean {
  return status !== "finished";
}

/** What an evaluation by any rubric amounts to, where that can be told. */
export function verdictTone(verdict: string): Tone {
  if (/^(?:success|true|excellent|good|pass)/iu.test(verdict)) return "good";
  if (/^(?:fail|false|poor)/iu.test(verdict)) return "bad";
  return "note";
}

/** The analysis of a call that has one. */
export function analysisOf({ analysis }: Pick<Call, "analysis">): Analysis | undefined {
  return isAnalysis(analysis) ? analysis : undefined;
}

function isAnalysis(analysis: Call["analysis"]): analysis is Analysis {
  return "status" in analysis;
}
