import { hangPhases, type Json, type JsonObject, type TellType, tellTypes } from "@offhook/protocol";
import { readStatus } from "./call.ts";
import { readEnvelope } from "./envelope.ts";
import { numberOf, objectOf, oneOf, textOf } from "./loose.ts";
import type { CallEvent, CallEvents, ReadError, ReadHang } from "./received.ts";

/** Reads an event, or nothing when its type is not one of contract 2. */
export function readEvent(message: JsonObject, original: Json): CallEvent | undefined {
  const type = oneOf(tellTypes, message.type);
  return type === null ? undefined : readers[type](message, original);
}

const readers: { [Type in TellType]: (message: JsonObject, original: Json) => CallEvents[Type] } = {
  "status-update": (message, original) => ({
    ...told("status-update", message, original),
    status: readStatus(message).status,
  }),
  "conversation-update": (message, original) => told("conversation-update", message, original),
  hang: (message, original) => ({ ...told("hang", message, original), hang: readHang(message) }),
  "hang-recovered": (message, original) => ({
    ...told("hang-recovered", message, original),
    hang: readHang(message),
  }),
  error: (message, original) => ({ ...told("error", message, original), error: readError(message) }),
  "end-of-call-report": (message, original) => told("end-of-call-report", message, original),
  "analysis-updated": (message, original) => told("analysis-updated", message, original),
};

function told<Type extends TellType>(type: Type, message: JsonObject, original: Json) {
  return { ...readEnvelope(message), kind: "event" as const, type, original };
}

function readHang(message: JsonObject): ReadHang {
  const hang = objectOf(message.hang);
  return {
    turnId: textOf(hang.turnId),
    phase: oneOf(hangPhases, hang.phase),
    elapsedMs: numberOf(hang.elapsedMs),
    thresholdMs: numberOf(hang.thresholdMs),
    toolName: textOf(hang.toolName),
  };
}

function readError(message: JsonObject): ReadError {
  const error = objectOf(message.error);
  return {
    type: textOf(error.type),
    code: textOf(error.code),
    message: textOf(error.message) ?? textOf(message.error) ?? "",
    provider: textOf(error.provider),
    retryable: typeof error.retryable === "boolean" ? error.retryable : null,
    details: objectOf(error.details),
  };
}
