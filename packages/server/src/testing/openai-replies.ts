import type { Json, JsonObject } from "@offhook/protocol";

/** One thing that the fake does while it streams; `raw` is sent as it is. */
export type Step =
  | { kind: "chunk"; chunk: Json }
  | { kind: "raw"; text: string | Uint8Array }
  | { kind: "wait"; ms: number }
  /** The connection breaks. */
  | { kind: "hang-up" };

/** What the fake answers to one request. */
export type Reply =
  | { kind: "stream"; steps: readonly Step[] }
  | { kind: "whole"; status: number; body: string; headers: Record<string, string> }
  /** The connection is closed without a word. */
  | { kind: "no-answer" };

const done: Step = { kind: "raw", text: "data: [DONE]\n\n" };
const usage = { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 };

/** Chunks as they are given, then the end. */
export function chunksReply(chunks: readonly Json[]): Reply {
  return { kind: "stream", steps: [...chunks.map((chunk) => ({ kind: "chunk" as const, chunk })), done] };
}

/** A streamed text in so many pieces, with usage in the last chunk as OpenAI sends it. */
export function textReply(
  text: string,
  { pieces = 3, pauseMs = 0 }: { pieces?: number; pauseMs?: number } = {},
): Reply {
  const chunks = [
    deltaChunk({ role: "assistant", content: "" }),
    ...split(text, pieces).map((content) => deltaChunk({ content })),
    finishChunk("stop"),
    usageChunk(),
  ];
  const pause: Step[] = pauseMs === 0 ? [] : [{ kind: "wait", ms: pauseMs }];
  return {
    kind: "stream",
    steps: [...chunks.flatMap((chunk): Step[] => [...pause, { kind: "chunk", chunk }]), done],
  };
}

/** Tool calls as OpenAI streams them (`many`), or each whole in one chunk (`one`). */
export function toolReply(
  calls: readonly { name: string; arguments: JsonObject; id?: string }[],
  { chunking = "many" }: { chunking?: "one" | "many" } = {},
): Reply {
  const chunks = calls.flatMap((call, index) => {
    const text = JSON.stringify(call.arguments);
    const first = { index, id: call.id ?? `call_${index}_abc`, type: "function" };
    if (chunking === "one") return [callChunk({ ...first, function: { name: call.name, arguments: text } })];
    const rest = split(text, 4).map((part) => callChunk({ index, function: { arguments: part } }));
    return [callChunk({ ...first, function: { name: call.name, arguments: "" } }), ...rest];
  });
  return chunksReply([
    deltaChunk({ role: "assistant", content: null }),
    ...chunks,
    finishChunk("tool_calls"),
    usageChunk(),
  ]);
}

/** Accepts the request, then nothing for so many ms; then a short text. */
export function silence(ms: number, then = "Here I am."): Reply {
  const after = textReply(then);
  return { kind: "stream", steps: [{ kind: "wait", ms }, ...(after.kind === "stream" ? after.steps : [])] };
}

/** An error answer; a text as body becomes OpenAI's error object. */
export function failure(
  status: number,
  body: string | JsonObject = "something is wrong",
  headers: Record<string, string> = {},
): Reply {
  const object =
    typeof body === "string" ? { error: { message: body, type: "error", param: null, code: null } } : body;
  return { kind: "whole", status, body: JSON.stringify(object), headers };
}

/** A chunk with one delta. */
export function deltaChunk(delta: JsonObject, more: JsonObject = {}): JsonObject {
  return {
    id: "chatcmpl-1",
    object: "chat.completion.chunk",
    created: 1,
    model: "fake",
    choices: [{ index: 0, delta, finish_reason: null }],
    ...more,
  };
}

/** A chunk with pieces of tool calls. */
export function callChunk(...calls: JsonObject[]): JsonObject {
  return deltaChunk({ tool_calls: calls });
}

export function finishChunk(reason: string): JsonObject {
  return { ...deltaChunk({}), choices: [{ index: 0, delta: {}, finish_reason: reason }] };
}

/** OpenAI's last chunk: usage, and no choices. */
export function usageChunk(): JsonObject {
  return { ...deltaChunk({}), choices: [], usage };
}

function split(text: string, pieces: number): string[] {
  const size = Math.max(1, Math.ceil(text.length / pieces));
  return Array.from({ length: Math.ceil(text.length / size) }, (_, at) =>
    text.slice(at * size, (at + 1) * size),
  );
}
