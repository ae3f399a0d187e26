import { type CallStatus, callTypes, type JsonObject } from "@offhook/protocol";
import { filledObject, numberOf, objectOf, oneOf, textOf, timeOf } from "./loose.ts";
import type { ReadCall } from "./received.ts";

/** Every word for a call's status, of three generations (contract 1.1 and 9), and what it is read as. */
const statuses: ReadonlyMap<string, CallStatus> = new Map([
  ["queued", "queued"],
  ["initiated", "queued"],
  ["trying", "queued"],
  ["early-media", "queued"],
  ["ringing", "queued"],
  ["ongoing", "ongoing"],
  ["in-progress", "ongoing"],
  ["forwarded", "forwarded"],
  ["finished", "finished"],
  ["completed", "finished"],
  ["ended", "finished"],
  ["failed", "finished"],
  ["busy", "finished"],
  ["no-answer", "finished"],
]);

/** Reads a call's status from `message.status` or, without one, from `call.status`. */
export function readStatus(message: JsonObject): Pick<ReadCall, "status" | "sentStatus"> {
  const sentStatus = textOf(message.status) ?? textOf(objectOf(message.call).status);
  return { status: statuses.get(sentStatus?.toLowerCase() ?? "") ?? "unknown", sentStatus };
}

/** Reads the call of a message. */
export function readCall(message: JsonObject): ReadCall {
  const call = objectOf(message.call);
  const { status, sentStatus } = readStatus(message);
  const cost = filledObject(call.cost) ?? filledObject(message.cost);
  return {
    id: textOf(call.id) ?? textOf(call._id),
    callType: oneOf(callTypes, call.callType),
    direction: oneOf(["inbound", "outbound"], call.direction),
    status,
    sentStatus,
    phoneCallStatus: textOf(call.phoneCallStatus),
    startAt: timeOf(call.startAt),
    endAt: timeOf(call.endAt),
    userNumber: textOf(call.userNumber),
    assistantNumber: textOf(call.assistantNumber),
    endedBy:
      call.callEndTriggerBy === "bot"
        ? "assistant"
        : oneOf(["user", "assistant", "system"], call.callEndTriggerBy),
    endedReason: textOf(call.endedReason),
    durationMs: numberOf(call.assistantCallDuration) ?? milliseconds(numberOf(cost?.callDuration)),
    dynamicVariables: objectOf(objectOf(call.assistantOverrides).dynamicVariables),
    metadata: objectOf(call.metadata),
    cost,
    metrics: filledObject(call.metrics) ?? filledObject(message.metrics),
  };
}

function milliseconds(seconds: number | null): number | null {
  return seconds === null ? null : seconds * 1_000;
}
