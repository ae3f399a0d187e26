import type { CallView, EventView, Problem } from "@offhook/protocol";

/** A call as the API shows it. */
export const callSample: CallView = {
  id: "TC-00000000-0000-4000-8000-000000000000",
  teamId: "default",
  assistantId: "asst-1",
  callType: "chat",
  direction: "inbound",
  startAt: null,
  endAt: null,
  userNumber: "web-ada",
  assistantNumber: "",
  status: "queued",
  phoneCallStatus: "",
  phoneCallStatusReason: "",
  callEndTriggerBy: "",
  endedReason: null,
  assistantCallDuration: 0,
  analysis: {},
  recording: {},
  assistantOverrides: {},
  metadata: { order: 42 },
  cost: null,
  metrics: null,
  createdAt: "2026-11-22T17:00:00.000Z",
  updatedAt: "2026-11-22T17:00:00.000Z",
  monitor: { controlUrl: "http://127.0.0.1:1/control", liveUrl: "ws://127.0.0.1:1/live?token=t" },
};

/** An event with its cursor. */
export function eventSample(cursor: number): EventView {
  return {
    cursor,
    callId: callSample.id,
    seq: cursor,
    at: 1_795_000_000_000 + cursor,
    type: "turn-started",
    data: { type: "turn-started", turnId: `turn-${cursor}`, cause: "user" },
    told: null,
  };
}

export const problemSample: Problem = {
  type: "urn:offhook:problem:not-found",
  title: "Not found",
  status: 404,
  detail: "There is no such call.",
  code: "not-found",
};
