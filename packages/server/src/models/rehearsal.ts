import { type Clock, sleep } from "../clock.ts";
import type { Model, ModelEvent, ModelRequest } from "../model.ts";
import { analyse } from "./rehearsal/analysis.ts";
import { type Line, nextLine } from "./rehearsal/talk.ts";

/**
 * The scripted model: no language model, no network, the same words for the
 * same conversation. Asked who it is, it says so.
 */
export function rehearsalModel(clock: Clock): Model {
  return { stream: (request, signal) => perform({ clock, request, signal }) };
}

type Performance = { clock: Clock; request: ModelRequest; signal: AbortSignal };

async function* perform({ clock, request, signal }: Performance): AsyncGenerator<ModelEvent> {
  const { delayMs, say, calls } = lineOf(request);
  if (delayMs > 0) await sleep(clock, delayMs, signal);
  for (const text of piecesOf(say)) {
    if (signal.aborted) return;
    yield { type: "text", text };
  }
  if (signal.aborted) return;
  for (const { name } of calls) yield { type: "tool-call-begun", name };
  const before = callsMade(request);
  const toolCalls = calls.map(({ name, arguments: given }, position) => ({
    id: `call_${before + position + 1}`,
    name,
    arguments: JSON.stringify(given),
  }));
  yield { type: "finished", toolCalls };
}

function lineOf(request: ModelRequest): Line {
  return request.purpose === "conversation"
    ? nextLine(request)
    : { delayMs: 0, say: analyse(request), calls: [] };
}

/** A reply comes word by word, each with the space before it. */
function piecesOf(text: string): string[] {
  return text.match(/\s*\S+/gu) ?? [];
}

function callsMade({ messages }: ModelRequest): number {
  return messages.reduce(
    (sum, message) => sum + (message.role === "assistant" ? message.toolCalls.length : 0),
    0,
  );
}
