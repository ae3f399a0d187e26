import type { ModelUsage } from "@offhook/protocol";
import type { ModelEvent, ModelToolCall } from "../../model.ts";
import { parseJson } from "../loose-json.ts";
import { type CallPiece, readChunk } from "./chunk.ts";
import { heldBack, notYetSpeaking, type Thinking, withoutThinking } from "./thinking.ts";

/** A reply as far as it has come. */
export type Reply = {
  calls: readonly CallSoFar[];
  spoken: boolean;
  thinking: Thinking;
  finishReason: string | undefined;
  usage: ModelUsage | undefined;
};

type CallSoFar = { indexes: readonly number[]; id: string; name: string; arguments: string };

export const emptyReply: Reply = {
  calls: [],
  spoken: false,
  thinking: notYetSpeaking,
  finishReason: undefined,
  usage: undefined,
};

/**
 * Takes one raw chunk into a reply. Servers deviate: the index or the id is
 * missing, the index changes midway, calls share an index or an id, a call
 * comes in one chunk or is repeated; the tests name who does what.
 */
export function accumulate(before: Reply, chunk: unknown): { reply: Reply; events: ModelEvent[] } {
  const pieces = readChunk(chunk);
  const { thinking, text } = withoutThinking(before.thinking, pieces.text);
  const calls = pieces.calls.reduce(takePiece, before.calls);
  const events: ModelEvent[] = text === "" ? [] : [{ type: "text", text }];
  for (const [position, { name }] of calls.entries()) {
    const hadName = (before.calls[position]?.name ?? "") !== "";
    if (name !== "" && !hadName) events.push({ type: "tool-call-begun", name });
  }
  const reply = {
    calls,
    spoken: before.spoken || text !== "",
    thinking,
    finishReason: pieces.finishReason ?? before.finishReason,
    usage: pieces.usage ?? before.usage,
  };
  return { reply, events };
}

/** What is left of the text when the stream is over. */
export function lastText(reply: Reply): string {
  return heldBack(reply.thinking);
}

/** The tool calls of a whole reply, each with an id that is neither shared nor in `taken`. */
export function toolCallsOf(reply: Reply, taken: Iterable<string>): ModelToolCall[] {
  const used = new Set(taken);
  return reply.calls
    .filter((call) => call.name !== "")
    .map((call, position) => {
      const id = unused(call.id || `call_${position + 1}`, used);
      used.add(id);
      return { id, name: call.name, arguments: call.arguments || "{}" };
    });
}

/** Whether a call's arguments stop in the middle. */
export function isBrokenOff(reply: Reply): boolean {
  return reply.calls.some((call) => call.arguments !== "" && !isWhole(call.arguments));
}

function unused(id: string, used: ReadonlySet<string>): string {
  if (!used.has(id)) return id;
  let number = 2;
  while (used.has(`${id}_${number}`)) number += 1;
  return `${id}_${number}`;
}

function takePiece(calls: readonly CallSoFar[], piece: CallPiece): readonly CallSoFar[] {
  const position = positionOf(calls, piece);
  const call = calls[position];
  if (call === undefined || beginsAnother(call, piece)) return [...calls, begin(piece)];
  return calls.with(position, isRepeated(call, piece) ? call : extend(call, piece));
}

/** Which call a piece seems to belong to: by id, else by index, else the last one. */
function positionOf(calls: readonly CallSoFar[], piece: CallPiece): number {
  const { id, index } = piece;
  const byId = id === "" ? -1 : calls.findLastIndex((call) => call.id === id);
  if (byId !== -1) return byId;
  const byIndex = index === undefined ? -1 : calls.findLastIndex((call) => call.indexes.includes(index));
  if (byIndex !== -1) return byIndex;
  const isNew = piece.name !== "" && index !== undefined;
  return isNew ? -1 : calls.length - 1;
}

/** A piece with a name begins another call, unless it only says its call's name again. */
function beginsAnother(call: CallSoFar, piece: CallPiece): boolean {
  if (piece.name === "" || call.name === "" || isRepeated(call, piece)) return false;
  if (piece.name !== call.name || isWhole(call.arguments)) return true;
  return call.arguments === "" && piece.id !== call.id;
}

/** The same call once more, whole: the last chunk of some proxies repeats it. */
function isRepeated(call: CallSoFar, piece: CallPiece): boolean {
  const isSame = piece.id !== "" && piece.id === call.id && piece.name === call.name;
  return isSame && isWhole(call.arguments) && compact(piece.arguments) === compact(call.arguments);
}

function begin({ index, id, name, arguments: text }: CallPiece): CallSoFar {
  return { indexes: index === undefined ? [] : [index], id, name, arguments: text };
}

function extend(call: CallSoFar, { index, id, name, arguments: text }: CallPiece): CallSoFar {
  return {
    indexes: index === undefined || call.indexes.includes(index) ? call.indexes : [...call.indexes, index],
    id: call.id || id,
    name: call.name || name,
    arguments: join(call.arguments, text),
  };
}

/** Some gateways begin with an empty object before the real arguments. */
function join(before: string, more: string): string {
  return before === "{}" && more.startsWith("{") ? more : before + more;
}

function compact(text: string): string {
  return JSON.stringify(parseJson(text)) ?? text;
}

/** Only an object is whole: `12` may be the beginning of `123`. */
function isWhole(text: string): boolean {
  return text.trimEnd().endsWith("}") && parseJson(text) !== undefined;
}
