import { type Json, type JsonObject, makeCallId, type Tool } from "@offhook/protocol";
import type { ModelFailure } from "../../model.ts";
import type { ReadToolCall } from "../event.ts";
import type { Setup } from "../state.ts";

export const callId = makeCallId("chat", "00000000-0000-4000-8000-000000000000");

/** A tool without its own server. */
export function tool(name: string, more: Partial<Tool> = {}): Tool {
  const parameters: JsonObject = { type: "object", properties: {} };
  return { name, description: "", parameters, async: false, messages: [], ...more };
}

/** A tool with its own server, which may take so many seconds. */
export function toolElsewhere(name: string, timeoutSeconds: number): Tool {
  const server = { url: "https://tools.example/run", method: "POST", timeoutSeconds, headers: {} } as const;
  return tool(name, { server });
}

/** An assistant that waits for the user and may book, mail (async), end and forward. */
export function setup(changes: Partial<Setup> = {}): Setup {
  return {
    playback: "instant",
    model: { provider: "custom-llm", model: "parrot", temperature: 0, maxTokens: 256 },
    prompt: "Be kind.",
    welcome: { mode: "assistant-waits-for-user", text: "" },
    tools: [tool("book"), tool("look"), tool("mail", { async: true })],
    builtIns: ["endCall", "callForward"],
    endCallToolDescription: undefined,
    forwardTo: { phoneNumber: "+49301234567" },
    endCallMessage: "",
    endCallPhrases: [],
    hangThresholdMs: 5_000,
    hangRecovery: "none",
    maxCallMs: 900_000,
    warning: undefined,
    idle: { timeoutMs: 20_000, messages: [], messagesMax: 3 },
    bargeIn: true,
    welcomeBargeIn: true,
    wordsToBreakIn: 0,
    acknowledgements: ["uh-huh", "hmm"],
    toolTimeoutMs: 20_000,
    ...changes,
  };
}

/** A tool call of the model with readable arguments. */
export function asks(
  name: string,
  value: { [key: string]: Json } = {},
  modelCallId = `call_${name}`,
): ReadToolCall {
  return { modelCallId, name, arguments: { kind: "read", value } };
}

/** A tool call of the model whose arguments are no object. */
export function asksBadly(name: string, fault = "The arguments are not JSON."): ReadToolCall {
  return { modelCallId: `call_${name}`, name, arguments: { kind: "broken", fault } };
}

/** A failure that may pass. */
export const busy: ModelFailure = {
  code: "rate-limited",
  message: "Too many requests.",
  retryable: true,
  status: 429,
};

/** A failure that stays. */
export const refused: ModelFailure = {
  code: "refused",
  message: "Not with this key.",
  retryable: false,
  status: 401,
};
