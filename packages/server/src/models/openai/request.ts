import { createHash } from "node:crypto";
import type {
  ChatCompletionCreateParamsStreaming,
  ChatCompletionMessageParam,
  ChatCompletionTool,
} from "openai/resources/chat/completions";
import type { ModelMessage, ModelRequest, ModelTool, ModelToolCall } from "../../model.ts";
import { isObject, parseJson } from "../loose-json.ts";
import type { Dialect } from "./dialect.ts";

/** Stands for the caller where nobody has spoken: Gemini and many templates refuse a talk without a user. */
const callBegins = "(The call has begun and nobody has spoken yet.)";

/** Writes a request as the body of `POST /chat/completions`. */
export function toBody(request: ModelRequest, dialect: Dialect): ChatCompletionCreateParamsStreaming {
  return {
    model: request.model,
    stream: true,
    messages: toMessages(request, dialect),
    ...(request.tools.length > 0 ? { tools: request.tools.map(toTool) } : {}),
    ...(dialect.streamOptions === "sent" ? { stream_options: { include_usage: true } } : {}),
    ...(dialect.temperature === "sent" ? { temperature: request.temperature } : {}),
    [dialect.tokenLimit]: request.maxTokens,
    ...toAnswerFormat(request, dialect),
  };
}

function toMessages(request: ModelRequest, dialect: Dialect): ChatCompletionMessageParam[] {
  const messages = request.messages
    .filter(hasContent)
    .map((message) => toMessage(message, idsOf[dialect.toolCallIds]));
  if (!request.messages.some((message) => message.role === "user"))
    messages.push({ role: "user", content: callBegins });
  if (request.schema === undefined || dialect.answerFormat === "json_schema") return messages;
  const order = `Answer with one JSON object and nothing else. Its JSON Schema: ${JSON.stringify(request.schema)}`;
  const [first, ...rest] = messages;
  if (first?.role === "system" && typeof first.content === "string")
    return [{ role: "system", content: `${first.content}\n\n${order}` }, ...rest];
  return [{ role: "system", content: order }, ...messages];
}

/** An assistant message without words and calls is refused by several servers. */
function hasContent(message: ModelMessage): boolean {
  return message.role !== "assistant" || message.text !== "" || message.toolCalls.length > 0;
}

/** How the id of a tool call is written. */
type WriteId = (id: string) => string;

const idsOf: Record<Dialect["toolCallIds"], WriteId> = {
  "as-given": (id) => id,
  "nine-characters": (id) => (/^[a-zA-Z0-9]{9}$/u.test(id) ? id : shortened(id)),
};

/** The same nine letters and digits for the same id, so that a call and its result stay together. */
function shortened(id: string): string {
  return createHash("sha256").update(id).digest("hex").slice(0, 9);
}

function toMessage(message: ModelMessage, writeId: WriteId): ChatCompletionMessageParam {
  switch (message.role) {
    case "system":
    case "user":
      return { role: message.role, content: message.text };
    case "tool":
      return { role: "tool", tool_call_id: writeId(message.toolCallId), content: message.text };
    case "assistant":
      if (message.toolCalls.length === 0) return { role: "assistant", content: message.text };
      return {
        role: "assistant",
        content: message.text || null,
        tool_calls: message.toolCalls.map((call) => toToolCall(call, writeId)),
      };
  }
}

/** The templates of llama.cpp and vLLM fail on arguments that are no JSON, so broken ones go back empty. */
function toToolCall(call: ModelToolCall, writeId: WriteId) {
  const isWhole = isObject(parseJson(call.arguments));
  return {
    id: writeId(call.id),
    type: "function" as const,
    function: { name: call.name, arguments: isWhole ? call.arguments : "{}" },
  };
}

function toTool({ name, description, parameters, strict }: ModelTool): ChatCompletionTool {
  return {
    type: "function",
    function: { name, description, parameters, ...(strict === undefined ? {} : { strict }) },
  };
}

function toAnswerFormat(
  request: ModelRequest,
  dialect: Dialect,
): Partial<ChatCompletionCreateParamsStreaming> {
  const { schema, purpose } = request;
  if (schema === undefined || dialect.answerFormat === "prompt") return {};
  if (dialect.answerFormat === "json_object") return { response_format: { type: "json_object" } };
  return { response_format: { type: "json_schema", json_schema: { name: purpose, schema, strict: false } } };
}
