import {
  type Call,
  type CallId,
  type ConnectBody,
  dropSecrets,
  type Happening,
  makeCallId,
  type TeamId,
} from "@offhook/protocol";
import { publicAssistant, type Resolved } from "../assistants/resolve.ts";
import { serverSettings } from "../delivery/destination.ts";
import type { Destination } from "../store.ts";

export type NewCall = { teamId: TeamId; body: ConnectBody; who: Resolved; uuid: string; now: number };

/** The first entries of a call: that it was made, and that it is queued. */
export function firstHappenings(given: NewCall): { callId: CallId; happenings: Happening[] } {
  const { body, who } = given;
  const callId = makeCallId(body.callType, given.uuid);
  const customer = body.customer ?? { number: "web-user" };
  const server = who.assistant.assistantServer;
  const created: Happening = {
    type: "call-created",
    call: callOf(given, callId, customer.number),
    customer,
    phone: { number: "", provider: { name: "" } },
    assistant: publicAssistant(who),
    subscription: server?.enabled === true ? { messages: server.messages, format: server.format } : null,
  };
  return { callId, happenings: [created, { type: "status-changed", status: "queued" }] };
}

function callOf({ teamId, body, who, now }: NewCall, id: CallId, userNumber: string): Call {
  const time = new Date(now).toISOString();
  return {
    id,
    teamId,
    assistantId: who.assistantId,
    callType: body.callType,
    direction: body.direction,
    startAt: null,
    endAt: null,
    userNumber,
    assistantNumber: "",
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
