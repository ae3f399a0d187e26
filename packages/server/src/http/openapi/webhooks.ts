import {
  analysisUpdated,
  assistantAnswer,
  assistantRequest,
  conversationUpdate,
  endOfCallReport,
  errorMessage,
  functionCall,
  hangMessage,
  hangRecovered,
  statusUpdate,
  toolAnswer,
  wireHeaders,
} from "@offhook/protocol";
import type { z } from "zod";
import type { JsonSchema, Schemas } from "./schemas.ts";

type Told = { type: string; schema: z.ZodType; when: string };

const tells: Told[] = [
  {
    type: "status-update",
    schema: statusUpdate,
    when: "each change of the call's status, the first (`queued`) included",
  },
  {
    type: "conversation-update",
    schema: conversationUpdate,
    when: "each message of user or assistant, the welcome message included; it holds the whole history",
  },
  {
    type: "hang",
    schema: hangMessage,
    when: "the assistant has given no content for the threshold after the user's turn; once per turn, and the call goes on waiting",
  },
  {
    type: "hang-recovered",
    schema: hangRecovered,
    when: "the reply of a hung turn began after all; only if it is subscribed to",
  },
  { type: "error", schema: errorMessage, when: "a model, a tool, speech or the channel failed" },
  {
    type: "end-of-call-report",
    schema: endOfCallReport,
    when: "the call is over and its analyses are done or given up; once per call, after `finished`",
  },
  {
    type: "analysis-updated",
    schema: analysisUpdated,
    when: "an analysis came after its time, when the report had gone: it holds the whole analysis; once at most, and only if it is subscribed to",
  },
];

const order =
  "At least once, and in order per call: any 2xx within the timeout accepts it; 410 stops at once; all else is tried again for about 76 hours, and redirects are not followed. Events given up are announced in `missed` and listed at GET /events/v1/deliveries?state=dead.";

/** What the server sends to an application's Server URL (contract 1 to 4), as OpenAPI's webhooks. */
export function webhooksOf(schemas: Schemas): JsonSchema {
  const events = tells.map((told): [string, JsonSchema] => [told.type, { post: tellOf(told, schemas) }]);
  return {
    ...Object.fromEntries(events),
    "function-call": { post: askOf(schemas) },
    "assistant-request": { post: askWhoOf(schemas) },
  };
}

function tellOf({ type, schema, when }: Told, schemas: Schemas): JsonSchema {
  return {
    operationId: `told-${type}`,
    tags: ["server-url"],
    summary: `Told: ${type}`,
    description: `Sent when: ${when}. ${order}`,
    parameters: headersOf(["id", "timestamp", "signature", "attempt", "sharedSecret"]),
    requestBody: bodyOf(schema, schemas),
    responses: {
      "2XX": { description: "Accepted." },
      "410": { description: "Gone: no more attempts are made at this event." },
      default: { description: "Not accepted: it is tried again." },
    },
  };
}

function askOf(schemas: Schemas): JsonSchema {
  return {
    operationId: "asked-function-call",
    tags: ["server-url"],
    summary: "Asked: function-call",
    description:
      "Sent when the assistant calls a tool whose server has the format `envelope`; in the format `arguments` the body is the bare arguments. Someone is waiting: the answer must come within the tool's timeout. `webhook-id` is the tool call's id and the same on a retry. What is not a 2xx becomes an error that the model can speak about.",
    parameters: headersOf([
      "id",
      "timestamp",
      "signature",
      "attempt",
      "callId",
      "toolCallId",
      "toolName",
      "sharedSecret",
    ]),
    requestBody: bodyOf(functionCall, schemas),
    responses: {
      "2XX": {
        description:
          "The result. Other JSON, plain text and an empty body are understood too; at most 256 KiB.",
        content: { "application/json": { schema: schemas.of(toolAnswer, "input") } },
      },
      default: { description: "An error, told to the model." },
    },
  };
}

function askWhoOf(schemas: Schemas): JsonSchema {
  return {
    operationId: "asked-assistant-request",
    tags: ["server-url"],
    summary: "Asked: assistant-request",
    description:
      "Sent when a call names no assistant, to the server of its number or to the one that the operator set, before there is a call. Someone is waiting: one attempt, within the server's timeout (7.5 s). What does not serve (late, not a 2xx, `{error}`, an unknown or unfit assistant) is told in the call's journal, and the last good answer or a default takes the call.",
    parameters: headersOf(["id", "timestamp", "signature", "attempt", "callId"]),
    requestBody: bodyOf(assistantRequest, schemas),
    responses: {
      "2XX": {
        description: "Who answers: a stored assistant, or one for this call; at most 1 MiB.",
        content: { "application/json": { schema: schemas.of(assistantAnswer, "input") } },
      },
      default: { description: "Nobody is named: another takes the call." },
    },
  };
}

function bodyOf(schema: z.ZodType, schemas: Schemas): JsonSchema {
  const message = schemas.of(schema, "output");
  return {
    required: true,
    content: {
      "application/json": { schema: { type: "object", required: ["message"], properties: { message } } },
    },
  };
}

const headerTexts: Record<keyof typeof wireHeaders, string> = {
  id: "The message's id, the same on every attempt: the key to recognize repetitions by.",
  timestamp: "When this attempt was made, in seconds since 1970.",
  signature:
    "Standard Webhooks 1.0.0: `v1,` and base64 of HMAC-SHA256 over `id.timestamp.body`; several, separated by spaces, while a secret is rotated. Absent without a secret.",
  attempt: "1, 2, 3 …",
  callId: "The call that asks.",
  toolCallId: "The tool call, the same as `webhook-id`.",
  toolName: "The tool's name.",
  sharedSecret: "The secret itself, with `auth` `header` or `both` only.",
};

const traceparent: JsonSchema = {
  name: "traceparent",
  in: "header",
  required: true,
  description: "The trace that this attempt belongs to (W3C Trace Context).",
  schema: { type: "string" },
};

function headersOf(names: (keyof typeof wireHeaders)[]): JsonSchema[] {
  const ours = names.map((name) => ({
    name: wireHeaders[name],
    in: "header",
    required: name !== "signature" && name !== "sharedSecret",
    description: headerTexts[name],
    schema: { type: name === "attempt" || name === "timestamp" ? "integer" : "string" },
  }));
  return [...ours, traceparent];
}
