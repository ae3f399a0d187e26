import {
  type Call,
  type CallId,
  type ConnectBody,
  dropSecrets,
  type Happening,
  type TeamId,
} from "@offhook/protocol";
import { publicAssistant, type Resolved } from "../assistants/resolve.ts";
import type { Found } from "./who-answers.ts";
import { serverSettings } from "../delivery/destination.ts";
import type { Destination } from "../store.ts";

/** The number that a call came in by. */
type Line = { number: string } | undefined;

export type NewCall = {
  teamId: TeamId;
  body: ConnectBody;
  callId: CallId;
  found: Found;
  now: number;
};

const someone = { number: "web-user" };

/** The request that asks who answers: the call as it is going to be, and nobody yet. */
export function assistantRequestOf(
  given: Pick<NewCall, "teamId" | "body" | "callId" | "now">,
  line: Line,
): Readonly<Record<string, unknown>> {
  const { body, callId, now } = given;
  return {
    type: "assistant-request",
    timestamp: now,
    id: `ask_${callId}`,
    call: callOf(given, null, line),
    assistant: {},
    phone: phoneOf(line),
    customer: body.customer ?? someone,
    analysis: {},
    messages: [],
  };
}

function phoneOf(line: Line) {
  return { number: line?.number ?? "", provider: { name: "" } };
}

/** The first entries of a call: that it was made, how its assistant was found, and that it is queued. */
export function firstHappenings(given: NewCall): Happening[] {
  const { body, found } = given;
  const { who, number, chosen } = found;
  const customer = body.customer ?? someone;
  const server = who.assistant.assistantServer;
  const created: Happening = {
    type: "call-created",
    call: callOf(given, who.assistantId, number),
    customer,
    phone: phoneOf(number),
    assistant: publicAssistant(who),
    subscription: server?.enabled === true ? { messages: server.messages, format: server.format } : null,
  };
  const missing: Happening[] =
    who.missing.length === 0 ? [] : [{ type: "variables-missing", names: who.missing }];
  const choice: Happening[] = chosen === undefined ? [] : [chosen];
  return [created, ...choice, ...missing, { type: "status-changed", status: "queued" }];
}

function callOf(
  { teamId, body, callId, now }: Pick<NewCall, "teamId" | "body" | "callId" | "now">,
  assistantId: string | null,
  line: Line,
): Call {
  const time = new Date(now).toISOString();
  return {
    id: callId,
    teamId,
    assistantId,
    callType: body.callType,
    direction: body.direction,
    startAt: null,
    endAt: null,
    userNumber: (body.customer ?? someone).number,
    assistantNumber: line?.number ?? "",
    status: "queued",
    phoneCallStatus: "",
    phoneCallStatusReason: "",
    callEndTriggerBy: "",
    endedReason: null,
    assistantCallDuration: 0,
    analysis: {},
    recording: {},
    assistantOverrides: { dynamicVariables: dropSecrets(body.assistantOverrides.dynamicVariables) },
    metadata: body.metadata,
    cost: null,
    metrics: null,
    createdAt: time,
    updatedAt: time,
  };
}

/** Where the events of the call go. */
export function destinationOf({ assistantId, assistant }: Resolved): Destination | null {
  const fallback = serverSettings(assistant);
  return fallback === undefined ? null : { assistantId, fallback };
}
