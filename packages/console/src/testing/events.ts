import type { EventView, Happening, HappeningOf } from "@offhook/protocol";

/** A journal as the API gives it: each happening with when it was, in ms from the beginning. */
export function eventsOf(...happenings: readonly [atMs: number, what: Happening][]): EventView[] {
  return happenings.map(([at, data], index) => ({
    cursor: index + 1,
    callId: "TC-00000000-0000-4000-8000-000000000001",
    seq: index + 1,
    at,
    type: data.type,
    data,
    told: null,
  }));
}

export const turnStarted: Happening = { type: "turn-started", turnId: "turn_1", cause: "user" };
export const turnEnded: Happening = { type: "turn-ended", turnId: "turn_1", outcome: "answered" };
export const modelRequested: HappeningOf<"model-requested"> = {
  type: "model-requested",
  replyId: "reply_1",
  turnId: "turn_1",
  provider: "rehearsal",
  model: "rehearsal",
};
export const modelAnswered: Happening = {
  type: "model-answered",
  replyId: "reply_1",
  turnId: "turn_1",
  outcome: "kept",
  firstContentMs: 10,
  totalMs: 20,
};
export const toolRequested: Happening = {
  type: "tool-requested",
  toolCallId: "tool_1",
  modelCallId: "call_1",
  turnId: "turn_1",
  name: "findSlots",
  arguments: {},
  async: false,
};
export const toolAnswered: HappeningOf<"tool-answered"> = {
  type: "tool-answered",
  toolCallId: "tool_1",
  name: "findSlots",
  outcome: { kind: "error", code: "timed-out", error: "late" },
  elapsedMs: 40,
};
export const hang: Happening = {
  type: "hang",
  hang: { turnId: "turn_1", phase: "model", elapsedMs: 1_000, thresholdMs: 1_000 },
};
export const finished: Happening = {
  type: "status-changed",
  status: "finished",
  endedReason: "user-hung-up",
};
