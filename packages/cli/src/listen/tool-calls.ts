import type { Client } from "@offhook/client";
import { type ListenedToolCall, type ListenerAnswer, wireHeaders } from "@offhook/protocol";
import { within } from "../clock.ts";
import type { Incoming } from "../sending/exchange.ts";
import { type Application, pass } from "./local-application.ts";

/** A tool call waits so long for the events before it, as at a Server URL. */
const eventsFirstMaxMs = 200;

export type ToolCallParts = {
  client: Pick<Client, "listening">;
  application: Application;
  /** Settles when no event is on its way. */
  events: () => Promise<void>;
  note: (line: string) => void;
};

/** Takes a tool call, has the application answer it, and passes the answer on. Never throws. */
export async function performToolCall(parts: ToolCallParts, call: ListenedToolCall): Promise<void> {
  const { client, application } = parts;
  const taken = await client.listening.answer(call.id, { type: "taken" });
  if (!taken.ok) return parts.note(`${call.name} was not taken: ${taken.problem.detail}`);
  await within(eventsFirstMaxMs, parts.events());
  const letter = {
    id: call.id,
    body: call.body,
    headers: {
      [wireHeaders.callId]: call.callId,
      [wireHeaders.toolCallId]: call.id,
      [wireHeaders.toolName]: call.name,
    },
  };
  const timeoutMs = Math.min(application.timeoutMs, call.timeoutMs);
  const passing = { kind: "tool-call", what: call.name, callId: call.callId, letter } as const;
  const passed = await pass({ ...application, timeoutMs }, passing, call.attempt);
  application.onPassed(passed);
  const told = await client.listening.answer(call.id, answerOf(passed.answer));
  if (!told.ok) parts.note(`The answer of ${call.name} came to nothing: ${told.problem.detail}`);
}

/** So many characters of a failure are told. */
const detailMax = 500;

function answerOf(answer: Incoming): ListenerAnswer {
  if (answer.kind !== "answered")
    return {
      type: "failed",
      detail: `the application behind the listener failed: ${answer.detail}`.slice(0, detailMax),
    };
  const contentType = answer.headers["content-type"];
  const headers: Record<string, string> = contentType === undefined ? {} : { "content-type": contentType };
  return { type: "answered", status: answer.status, headers, body: answer.body };
}
