import {
  type Call,
  type CallId,
  type ConnectBody,
  dropSecrets,
  type Happening,
  makeCallId,
  type TeamId,
} from "@offhook/protocol";
import { targetOf } from "../assistants/fallback-target.ts";
import { publicAssistant, type Resolved } from "../assistants/resolve.ts";
import type { Setup } from "../conversation/state.ts";
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
  const missing: Happening[] =
    who.missing.length === 0 ? [] : [{ type: "variables-missing", names: who.missing }];
  return { callId, happenings: [created, ...missing, { type: "status-changed", status: "queued" }] };
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

/** The assistant as the conversation needs it. */
export function setupOf({ assistant }: Pick<Resolved, "assistant">): Setup {
  const { assistantLLMUrl, rehearsal, fallbackModels, fallbackAfterMs } = assistant;
  return {
    channel: "chat",
    model: {
      provider: assistant.assistantProvider,
      model: assistant.assistantModel,
      temperature: assistant.assistantTemperature,
      maxTokens: assistant.assistantMaxTokens,
      ...(assistantLLMUrl === undefined ? {} : { baseUrl: assistantLLMUrl }),
      ...(rehearsal === undefined ? {} : { script: rehearsal }),
      ...(fallbackModels.length === 0 ? {} : { fallbacks: fallbackModels.map(targetOf), fallbackAfterMs }),
    },
    prompt: assistant.assistantSystemPrompt,
    welcome: { mode: assistant.welcomeMessageMode, text: assistant.welcomeMessage },
    tools: assistant.tools,
    builtIns: assistant.assistantPredefinedTools,
    endCallToolDescription: assistant.endCallToolDescription,
    forwardTo: assistant.callForwardData,
    endCallMessage: assistant.endCallMessage,
    endCallPhrases: assistant.endCallPhrases,
    hangThresholdMs: assistant.hangThresholdMs,
    maxCallMs: assistant.maxCallDuration * 1_000,
    bargeIn: assistant.bargeInEnabled,
    toolTimeoutMs: (assistant.assistantServer?.timeoutSeconds ?? 20) * 1_000,
  };
}
