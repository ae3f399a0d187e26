import { wireHeaders } from "@offhook/protocol";
import type { CallEvent, OtherMessage, ReadToolCall } from "./reading/received.ts";
import type { Soon } from "./soon.ts";
import type { HeaderSource } from "./verification.ts";

/**
 * The id under which a message is handled once: `webhook-id`, else
 * `message.id`. Senders that give neither are told apart by what they say: the
 * call, the type, the status and the history (contract 9). Null when nothing
 * tells a repetition from a second message.
 */
export function identify(message: CallEvent | OtherMessage, headers: HeaderSource): Soon<string | null> {
  const given = headers.get(wireHeaders.id);
  if (given !== null && given !== "") return given;
  if (message.kind === "other") return null;
  return message.id ?? fingerprint(message);
}

/**
 * The id under which a tool call is run once. Without `webhook-id` a name and
 * arguments are part of it: there are models that give the same id to call
 * after call.
 */
export function identifyCall(
  call: ReadToolCall,
  callId: string | null,
  headers: HeaderSource,
): string | null {
  const given = headers.get(wireHeaders.id);
  if (given !== null && given !== "" && call.id === given) return given;
  if (call.id === null) return given === "" ? null : given;
  return JSON.stringify(["tool", callId, call.id, call.name, call.arguments]);
}

async function fingerprint(event: CallEvent): Promise<string | null> {
  if (event.call.id === null) return null;
  const { id, sentStatus, phoneCallStatus } = event.call;
  const history = event.messages.map(({ messageId, role, text }) => [messageId, role, text]);
  const said = [id, event.type, sentStatus, phoneCallStatus, history, event.analysis, occasionOf(event)];
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(JSON.stringify(said)));
  return `said_${btoa(String.fromCharCode(...new Uint8Array(digest)))}`;
}

/** What tells two hangs, or two errors, of one history apart. */
function occasionOf(event: CallEvent): unknown {
  if (event.type === "error") return [event.at, event.error];
  return event.type === "hang" || event.type === "hang-recovered" ? [event.at, event.hang] : null;
}
