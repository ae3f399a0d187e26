import {
  assistantBody,
  type AssistantBody,
  type Entry,
  type Happening,
  type ToolOutcome,
} from "@offhook/protocol";

export const beganAt = Date.parse("2026-03-02T09:00:00.000Z");

/** A journal of these happenings, a second apart. */
export function journal(...happenings: readonly Happening[]): Entry[] {
  return happenings.map((what, index) => ({
    seq: index + 1,
    at: beganAt + index * 1_000,
    sequence: null,
    what,
  }));
}

export function says(role: "user" | "assistant", messageId: string, text: string): Happening {
  return { type: "message-added", heard: "whole", message: { messageId, role, text, timestamp: beganAt } };
}

export function asksTool(toolCallId: string, name: string, given: Record<string, unknown> = {}): Happening {
  const ids = { toolCallId, modelCallId: `call_${toolCallId}`, turnId: "turn_1" };
  return { type: "tool-requested", ...ids, name, arguments: given, async: false };
}

export function toolAnswers(toolCallId: string, name: string, outcome: ToolOutcome): Happening {
  return { type: "tool-answered", toolCallId, name, outcome, elapsedMs: 40 };
}

/** A tool's result as it usually comes. */
export function result(value: (ToolOutcome & { kind: "result" })["result"]): ToolOutcome {
  return { kind: "result", result: value, understoodAs: "result-json" };
}

const ended: Happening = { type: "status-changed", status: "finished", endedReason: "user-hung-up" };

/** Somebody books a slot and hangs up. */
export const booking: Entry[] = journal(
  says("assistant", "m1", "Good morning, how can I help?"),
  says("user", "m2", "A slot on Tuesday, please. My name is Ada."),
  asksTool("t1", "findSlots", { day: "Tuesday" }),
  toolAnswers("t1", "findSlots", result({ slots: ["09:30"] })),
  says("assistant", "m3", "At half past nine?"),
  says("user", "m4", "Perfect, thank you."),
  ended,
);

/** An assistant with these analyses, as it is after it has been read at the door. */
export function analysing(assistantAnalysis: unknown, more: Record<string, unknown> = {}): AssistantBody {
  return assistantBody.parse({ name: "Front desk", assistantModel: "desk-1", ...more, assistantAnalysis });
}
