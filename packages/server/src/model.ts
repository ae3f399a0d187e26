import type { JsonObject, ModelPrice, ModelUsage, Provider, RehearsalScript } from "@offhook/protocol";

/** One item of the conversation, as a model is given it. */
export type ModelMessage =
  | { role: "system" | "user"; text: string }
  | { role: "assistant"; text: string; toolCalls: readonly ModelToolCall[] }
  | { role: "tool"; toolCallId: string; name: string; text: string };

/** A tool call as the model wrote it; `arguments` is JSON text and may be broken. */
export type ModelToolCall = { id: string; name: string; arguments: string };

/** A tool as the model is shown it; `parameters` is JSON Schema. */
export type ModelTool = { name: string; description: string; parameters: JsonObject; strict?: boolean };

/** Which model, and where it is. */
export type ModelTarget = {
  provider: Provider;
  model: string;
  /** Base URL of a custom model. */
  baseUrl?: string;
};

export type ModelSettings = ModelTarget & {
  /** Asked in this order when the one before gives no content, in time or at all. */
  fallbacks?: readonly ModelTarget[];
  /** How long a model that has another behind it may take to its first content. */
  fallbackAfterMs?: number;
  temperature: number;
  maxTokens: number;
  /** The script of a rehearsal. */
  script?: RehearsalScript;
};

export type ModelRequest = ModelSettings & {
  /** What the answer is for: a language model need not know, a rehearsal does. */
  purpose: "conversation" | "summary" | "successEvaluation" | "structuredData";
  messages: readonly ModelMessage[];
  tools: readonly ModelTool[];
  /** JSON Schema of the answer, for a structured one. */
  schema?: JsonObject;
};

export type ModelFailure = {
  code:
    | "timeout"
    | "unreachable"
    | "refused"
    | "rate-limited"
    | "bad-request"
    | "bad-answer"
    | "empty"
    | "not-configured";
  message: string;
  /** Whether the same request may succeed in a moment. */
  retryable: boolean;
  status?: number;
  /** Which model it was, where several were asked. */
  of?: ModelName;
};

/** Which model, by name: as the journal has it. */
export type ModelName = { provider: string; model: string };

/** A request that a model answered; `usage` where its server told it. */
export type ModelUse = { of: ModelName; usage: ModelUsage | undefined };

/** What models cost, by `provider/model`. */
export type Prices = Readonly<Record<string, ModelPrice>>;

/** What comes from a model, in order; `finished` or `failed` is the last. */
export type ModelEvent =
  | { type: "text"; text: string }
  /** The first sign of a tool call: content, though its arguments are still coming. */
  | { type: "tool-call-begun"; name: string }
  /** The model failed before its first content, and the next one is asked. */
  | { type: "failed-over"; failure: ModelFailure; to: ModelName }
  | { type: "finished"; toolCalls: readonly ModelToolCall[]; usage?: ModelUsage }
  | { type: "failed"; failure: ModelFailure };

export interface Model {
  /** Never throws; a failure is its last event. Ends soon after the signal. */
  stream(request: ModelRequest, signal: AbortSignal): AsyncIterable<ModelEvent>;
}

/** Keys and addresses of the model servers, as the operator set them. */
export type ModelServers = {
  openai: { apiKey?: string | undefined; baseUrl?: string | undefined };
  deepseek: { apiKey?: string | undefined; baseUrl?: string | undefined };
  gemini: { apiKey?: string | undefined; baseUrl?: string | undefined };
  azure: { apiKey?: string | undefined; endpoint?: string | undefined };
  /** The key goes to `keyOrigin` only: tenants choose the addresses, and must not collect it. */
  customLlm: { apiKey?: string | undefined; keyOrigin?: string | undefined };
};
