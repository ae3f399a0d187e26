import type { JsonObject } from "@offhook/protocol";
import { type Clock, sleep } from "../clock.ts";
import type { Model, ModelEvent, ModelFailure, ModelRequest } from "../model.ts";

/** An event, so many ms after the one before it (after the request, for the first). */
export type TimedEvent = { afterMs: number; event: ModelEvent };

export type ScriptedReplies =
  | readonly (readonly TimedEvent[])[]
  | ((request: ModelRequest, number: number) => readonly TimedEvent[]);

export type ScriptedModel = Model & {
  requests: readonly ModelRequest[];
  /** How many replies were called off by their signal. */
  calledOff(): number;
};

/**
 * A model for tests, on the clock that it is given: for each request, in
 * order, a list of timed events, or what a function makes of the request. A
 * list that holds no `finished` or `failed` never ends by itself.
 */
export function scriptedModel({ clock, replies }: { clock: Clock; replies: ScriptedReplies }): ScriptedModel {
  const requests: ModelRequest[] = [];
  let calledOff = 0;
  async function* stream(request: ModelRequest, signal: AbortSignal): AsyncGenerator<ModelEvent> {
    const number = requests.push(request) - 1;
    const events =
      typeof replies === "function" ? replies(request, number) : (replies[number] ?? failed(noReplyLeft));
    for (const { afterMs, event } of [...events, never]) {
      if (afterMs > 0) await (afterMs === Infinity ? untilAborted(signal) : sleep(clock, afterMs, signal));
      if (signal.aborted) {
        calledOff += 1;
        return;
      }
      yield event.type === "finished" ? withIds(event, number) : event;
      if (event.type === "finished" || event.type === "failed") return;
    }
  }
  return { stream, requests, calledOff: () => calledOff };
}

/** A call without an id gets one of its request's: `call_1_1`, `call_1_2`, `call_2_1` … */
function withIds(event: ModelEvent & { type: "finished" }, number: number): ModelEvent {
  return {
    ...event,
    toolCalls: event.toolCalls.map((call, at) => ({
      ...call,
      id: call.id || `call_${number + 1}_${at + 1}`,
    })),
  };
}

/** A text, word by word, `firstMs` until it begins and `wordMs` between its words; then the end. */
export function said(
  text: string,
  { firstMs = 0, wordMs = 0 }: { firstMs?: number; wordMs?: number } = {},
): TimedEvent[] {
  const words = text.match(/\s*\S+/gu) ?? [];
  const spoken = words.map((word, at): TimedEvent => ({
    afterMs: at === 0 ? firstMs : wordMs,
    event: { type: "text", text: word },
  }));
  return [
    ...spoken,
    { afterMs: words.length === 0 ? firstMs : 0, event: { type: "finished", toolCalls: [] } },
  ];
}

export type ScriptedCall = { name: string; arguments?: JsonObject; id?: string };

/** Tool calls, after words if there are any. A call's id is made if it has none. */
export function called(
  calls: readonly ScriptedCall[],
  { say = "", firstMs = 0, callMs = 0 }: { say?: string; firstMs?: number; callMs?: number } = {},
): TimedEvent[] {
  const spoken = said(say, { firstMs }).slice(0, -1);
  const begun = calls.map(({ name }, at): TimedEvent => ({
    afterMs: at === 0 && say === "" ? firstMs : 0,
    event: { type: "tool-call-begun", name },
  }));
  const toolCalls = calls.map(({ name, arguments: given = {}, id = "" }) => ({
    id,
    name,
    arguments: JSON.stringify(given),
  }));
  return [...spoken, ...begun, { afterMs: callMs, event: { type: "finished", toolCalls } }];
}

/** A failure, after so many ms. */
export function failed(failure: ModelFailure, afterMs = 0): TimedEvent[] {
  return [{ afterMs, event: { type: "failed", failure } }];
}

/** A model that is stuck: nothing, until it is called off. */
export function stuck(): TimedEvent[] {
  return [];
}

const never: TimedEvent = { afterMs: Infinity, event: { type: "text", text: "" } };

const noReplyLeft: ModelFailure = {
  code: "bad-answer",
  message: "The scripted model has no reply left for this request.",
  retryable: false,
};

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
