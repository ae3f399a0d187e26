import type { Json, JsonObject } from "@offhook/protocol";
import { readEnvelope } from "./envelope.ts";
import { readEvent } from "./event.ts";
import { isObject, textOf } from "./loose.ts";
import type { OtherMessage, Received } from "./received.ts";
import { readBareArguments, readToolMessage, type ToolHints } from "./tool-request.ts";

const noHints: ToolHints = { toolName: null, toolCallId: null, callId: null };

/**
 * Reads the body of a POST to a Server URL: any format, any generation, any
 * sender named in contract 9. Pure; never fails: what is not known is `other`.
 *
 * @param body the parsed JSON
 * @param hints what the headers `offhook-tool-name`, `offhook-tool-call-id` and `offhook-call-id` say
 * @example
 * const received = read(JSON.parse(text));
 * if (received.kind === "event" && received.type === "end-of-call-report") console.log(received.analysis.summary);
 */
export function read(body: Json, hints: ToolHints = noHints): Received {
  const message = isObject(body) && isObject(body.message) ? body.message : undefined;
  const asked = message && readToolMessage(message, hints, body);
  if (asked !== undefined) return asked;
  // Arguments may well be called `message`, or look like an event.
  if (hints.toolName !== null) return readBareArguments(hints.toolName, hints, body);
  if (message?.type === "assistant-request")
    return { ...readEnvelope(message), kind: "assistant-request", original: body };
  return (message && readEvent(message, body)) ?? readOther(isObject(body) ? body : {}, message, body);
}

function readOther(body: JsonObject, message: JsonObject | undefined, original: Json): OtherMessage {
  if (message !== undefined)
    return { kind: "other", family: "call", type: textOf(message.type) ?? "", original };
  const type = textOf(body.event) ?? "";
  return { kind: "other", family: familyOf(type, body), type, original };
}

function familyOf(event: string, body: JsonObject): OtherMessage["family"] {
  if (event.startsWith("workflow_")) return "workflow";
  if (event.startsWith("campaign_") || (event === "call_status" && body.campaign !== undefined))
    return "campaign";
  return "unknown";
}
