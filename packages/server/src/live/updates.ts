import { type Happening, type LiveUpdate, type Reading, toWireMessage } from "@offhook/protocol";

/** What a client is shown of something that happened; `undefined` when nothing. */
export function updateOf(what: Happening): LiveUpdate | undefined {
  switch (what.type) {
    case "status-changed":
      return { type: "status", status: what.status, endedReason: what.endedReason ?? null };
    case "message-added":
      return { type: "message", message: toWireMessage(what.message) };
    case "error":
      return { type: "error", code: what.error.code, message: what.error.message };
    default:
      return undefined;
  }
}

/** What a client is shown first: the call's status, and what was said so far. */
export function updatesSoFar({ call, messages }: Reading): LiveUpdate[] {
  const status: LiveUpdate = { type: "status", status: call.status, endedReason: call.endedReason };
  return [
    status,
    ...messages.map((message): LiveUpdate => ({ type: "message", message: toWireMessage(message) })),
  ];
}
