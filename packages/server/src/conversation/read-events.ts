import {
  control,
  type Entry,
  type Happening,
  type HappeningOf,
  type Json,
  type JsonObject,
} from "@offhook/protocol";
import type { Event, ReadToolCall } from "./event.ts";
import { limits } from "./limits.ts";
import type { State, Turn } from "./state.ts";

/** What may have happened, one after the other; without `at` it was when the entries were written. */
export type Cause = readonly { event: Event; at?: number }[];

/** Entries that begin with what a step wrote, and what the reply under way has said as far as it is known. */
type Told = { rest: readonly Entry[]; text: string };

/** A reply of which something was said, nobody knows what: it was lost. */
const unknownText = "…";

/** The text of the reply under way as it was written later; `""` when it had none. */
export function assistantTextOf(state: State, written: readonly Entry[], from: number): string {
  if (!("reply" in state)) return "";
  const { id, messageId } = state.reply;
  let overAt = Number.POSITIVE_INFINITY;
  for (let index = from; ; index += 1) {
    const entry = written[index];
    if (entry === undefined) return overAt === Number.POSITIVE_INFINITY ? unknownText : "";
    const { what, at } = entry;
    if (at > overAt) return "";
    if (what.type === "message-added" && what.message.messageId === messageId) return what.message.text;
    if (what.type === "taken-up") return unknownText;
    if (what.type === "model-answered" && what.replyId === id) overAt = at;
  }
}

/** What may have led to these entries, the likeliest first. */
export function causesOf(state: State, told: Told): Cause[] {
  const what = told.rest[0]?.what;
  switch (what?.type) {
    case "status-changed":
      return [[{ event: { type: "connected" } }]];
    case "control-received":
      return controlled(state, what, told);
    case "message-added":
      if (what.message.role === "user") return heard(state, what.message.text, told);
      return [passed];
    case "turn-started":
    case "turn-ended":
      return [...heardLater(told), passed];
    case "model-answered":
      return answered(state, what, told);
    case "tool-answered": {
      const { toolCallId, outcome, http } = what;
      return [
        passed,
        [{ event: { type: "tool-answered", toolCallId, outcome, ...(http === undefined ? {} : { http }) } }],
      ];
    }
    case "hang-recovered":
      return [begun(state)];
    case "error":
      return failedOver(state, what, told);
    case "hang":
      return [passed];
    default:
      return [];
  }
}

const passed: Cause = [{ event: { type: "deadline-passed" } }];

/** What a reply says first leaves no trace of its own: what follows shows whether it had begun. */
function perhapsBegun(state: State, { text }: Told, event: Event): Cause[] {
  const wordless = [[{ event }], [...begun(state), { event }]];
  return text === "" ? wordless : [...wordless, [...saying(state, text), { event }]];
}

function heard(state: State, text: string, told: Told): Cause[] {
  return perhapsBegun(state, told, { type: "heard", text });
}

function controlled(state: State, { control: given }: HappeningOf<"control-received">, told: Told): Cause[] {
  const read = control.safeParse(given);
  return read.success ? perhapsBegun(state, told, { type: "controlled", control: read.data }) : [];
}

/** The user's words further on in what the step wrote. */
function heardLater({ rest }: Told): Cause[] {
  const words = atOnce(rest).find((what) => what.type === "message-added" && what.message.role === "user");
  return words?.type === "message-added" ? [[{ event: { type: "heard", text: words.message.text } }]] : [];
}

/** A reply came to its end: it was kept, it failed, or the user spoke. */
function answered(state: State, what: HappeningOf<"model-answered">, told: Told): Cause[] {
  if (state.name !== "thinking" && state.name !== "replying") return [];
  const { reply } = state;
  const group = atOnce(told.rest);
  const hasText = group.some(
    (each) => each.type === "message-added" && each.message.messageId === reply.messageId,
  );
  const { firstContentMs } = what;
  const first = firstContentMs === null ? [] : begun(state, reply.requestedAt + firstContentMs);
  const before = [...first, ...(hasText ? saying(state, told.text) : [])];
  if (what.outcome === "kept") {
    const toolCalls = toolCallsIn(state.turn, group);
    return [[...before, { event: { type: "model-finished", replyId: reply.id, toolCalls } }]];
  }
  if (what.outcome === "discarded") return heardLater(told).map((cause) => [...before, ...cause]);
  const error = group.find((each) => each.type === "error");
  return error?.type === "error" ? [[...before, { event: failing(reply.id, error) }]] : [];
}

function failing(replyId: string, { error }: HappeningOf<"error">): Event {
  const { message, retryable } = error;
  return { type: "model-failed", replyId, failure: { code: "bad-answer", message, retryable } };
}

function failedOver(state: State, { error }: HappeningOf<"error">, { rest }: Told): Cause[] {
  const next = rest[1]?.what;
  if (state.name !== "thinking" || next?.type !== "model-requested") return [];
  const { message, retryable } = error;
  const { provider, model } = next;
  const failure = { code: "bad-answer", message, retryable } as const;
  return [
    [{ event: { type: "model-failed-over", replyId: state.reply.id, failure, to: { provider, model } } }],
  ];
}

/** The first content of the reply under way, without a word. */
function begun(state: State, at?: number): Cause {
  if (state.name !== "thinking") return [];
  const event = { type: "model-tool-call-begun", replyId: state.reply.id, name: "" } as const;
  return [at === undefined ? { event } : { event, at }];
}

/** The reply under way says its text, unless it has. */
function saying(state: State, text: string): Cause {
  if (state.name !== "thinking" && !(state.name === "replying" && state.reply.text === "")) return [];
  return [{ event: { type: "model-text", replyId: state.reply.id, text } }];
}

/** What was written at the same time as the first of these. */
function atOnce(rest: readonly Entry[]): Happening[] {
  const end = rest.findIndex(({ at }) => at !== rest[0]?.at);
  return (end === -1 ? rest : rest.slice(0, end)).map(({ what }) => what);
}

/** The tool calls of a reply that was kept. */
function toolCallsIn(turn: Turn, group: readonly Happening[]): ReadToolCall[] {
  const calls: ReadToolCall[] = [];
  const misfits = new Set(turn.misfits);
  for (const what of group.slice(1)) {
    if (what.type === "model-requested" || what.type === "turn-ended" || what.type === "model-answered")
      break;
    if (what.type !== "tool-requested") continue;
    const { modelCallId, name } = what;
    const fault = faultOf(what, group, { isMisfit: misfits.has(name), count: calls.length });
    if (fault !== undefined) misfits.add(name);
    const given = what.arguments;
    calls.push({
      modelCallId,
      name,
      arguments:
        fault === undefined && isObjectOfJson(given)
          ? { kind: "read", value: given }
          : { kind: "broken", fault: fault ?? "" },
    });
  }
  return calls;
}

/** What was wrong with the arguments of a call, when that is why it was not sent. */
function faultOf(
  { toolCallId, arguments: given }: HappeningOf<"tool-requested">,
  group: readonly Happening[],
  { isMisfit, count }: { isMisfit: boolean; count: number },
): string | undefined {
  const answer = group.find((each) => each.type === "tool-answered" && each.toolCallId === toolCallId);
  if (answer?.type !== "tool-answered" || answer.outcome.kind !== "error") return undefined;
  const { code, error } = answer.outcome;
  if (code === "bad-arguments") return error;
  const isSecond = isMisfit && count < limits.toolCallsPerReplyMax && Object.keys(given).length === 0;
  return code === "not-sent" && isSecond ? error : undefined;
}

function isObjectOfJson(value: Record<string, unknown>): value is JsonObject {
  return Object.values(value).every(isJson);
}

function isJson(value: unknown): value is Json {
  if (typeof value === "object" && value !== null)
    return Array.isArray(value) ? value.every(isJson) : Object.values(value).every(isJson);
  return value === null || ["string", "number", "boolean"].includes(typeof value);
}
