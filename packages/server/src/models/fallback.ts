import type { Clock } from "../clock.ts";
import type { Model, ModelEvent, ModelFailure, ModelName, ModelRequest, ModelTarget } from "../model.ts";

/** How long a model that has another behind it may take to its first content, if the request does not say. */
const fallbackAfterMsDefault = 10_000;

/** A model that asks a request's fallbacks, one after the other, when a model fails before its first content. */
export function withFallbacks(model: Model, clock: Clock): Model {
  return {
    stream: (request, signal) =>
      (request.fallbacks ?? []).length === 0
        ? model.stream(request, signal)
        : askInTurn({ model, clock, request, signal }),
  };
}

type Asking = { model: Model; clock: Clock; request: ModelRequest; signal: AbortSignal };

async function* askInTurn(asking: Asking): AsyncGenerator<ModelEvent> {
  const { request, signal } = asking;
  const targets = targetsOf(request);
  for (const [position, target] of targets.entries()) {
    if (signal.aborted) return;
    const next = targets[position + 1];
    const failure = yield* ask(asking, target, next === undefined ? "last" : "more");
    if (failure === undefined || signal.aborted) return;
    const told = { ...failure, of: nameOf(target) };
    if (next === undefined) yield { type: "failed", failure: told };
    else yield { type: "failed-over", failure: told, to: nameOf(next) };
  }
}

function targetsOf({ provider, model, baseUrl, fallbacks = [] }: ModelRequest): ModelTarget[] {
  return [{ provider, model, ...(baseUrl === undefined ? {} : { baseUrl }) }, ...fallbacks];
}

function nameOf({ provider, model }: ModelTarget): ModelName {
  return { provider, model };
}

/** Asks one model; answers its failure if it gave no content. A failure after content is passed on: it was heard. */
async function* ask(
  { model, clock, request, signal }: Asking,
  target: ModelTarget,
  place: "last" | "more",
): AsyncGenerator<ModelEvent, ModelFailure | undefined> {
  const stop = new AbortController();
  const afterMs = request.fallbackAfterMs ?? fallbackAfterMsDefault;
  const cancel = place === "last" ? () => undefined : clock.after(afterMs, () => stop.abort());
  let began: "silent" | "content" = "silent";
  try {
    for await (const event of model.stream(
      aimedAt(request, target),
      AbortSignal.any([signal, stop.signal]),
    )) {
      if (event.type === "failed" && began === "silent") return event.failure;
      if (isContent(event)) {
        began = "content";
        cancel();
      }
      yield event.type === "failed" ? { ...event, failure: { ...event.failure, of: nameOf(target) } } : event;
    }
    return stop.signal.aborted && began === "silent" ? tooSlow(target, afterMs) : undefined;
  } finally {
    cancel();
  }
}

/** The request for another model: what belongs to the first one's server stays there. */
function aimedAt(request: ModelRequest, target: ModelTarget): ModelRequest {
  const { baseUrl: _url, fallbacks: _fallbacks, fallbackAfterMs: _after, ...rest } = request;
  return { ...rest, ...target };
}

function isContent(event: ModelEvent): boolean {
  return event.type === "tool-call-begun" || (event.type === "text" && event.text.trim() !== "");
}

function tooSlow({ provider, model }: ModelTarget, afterMs: number): ModelFailure {
  const message = `${model} (${provider}) gave no word within ${afterMs} ms, and another model is there to ask.`;
  return { code: "timeout", message, retryable: true };
}
