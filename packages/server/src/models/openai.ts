import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { Model, ModelEvent, ModelFailure, ModelRequest } from "../model.ts";
import {
  accumulate,
  emptyReply,
  isBrokenOff,
  lastText,
  type Reply,
  toolCallsOf,
} from "./openai/accumulate.ts";
import { adapt, adaptationsMax, type Dialects } from "./openai/dialect.ts";
import { brokenOffFailure, emptyFailure, failureOf, timeoutFailure } from "./openai/failure.ts";
import type { Answer } from "./openai/parts.ts";
import { toBody } from "./openai/request.ts";
import { readServerEvents } from "./openai/server-events.ts";
import { type Fetch, openTransport, type Transport } from "./openai/transport.ts";
import { type Limits, openWatch, type Watch } from "./openai/watch.ts";

/** How long a model may think and speak. A caller waits in a conversation; nobody does in an analysis, which has a limit of its own. */
export const modelLimits = {
  conversation: { firstContentMs: 55_000, totalMs: 170_000 },
  summary: { firstContentMs: 300_000, totalMs: 300_000 },
  successEvaluation: { firstContentMs: 300_000, totalMs: 300_000 },
  structuredData: { firstContentMs: 300_000, totalMs: 300_000 },
} as const satisfies Record<ModelRequest["purpose"], Limits>;

export type OpenAiModelOptions = {
  /** What the server is called in failures. */
  provider: string;
  /** `/chat/completions` is appended; a query string is kept. */
  baseUrl: string;
  /** Absent: no authorization is sent. */
  apiKey?: string | undefined;
  fetch: Fetch;
  clock: Clock;
  log: Log;
  dialects: Dialects;
};

/** A model on any server that speaks OpenAI's chat completions. */
export function openAiModel(given: OpenAiModelOptions): Model {
  const options = { ...given, apiKey: given.apiKey === "" ? undefined : given.apiKey };
  const transport = openTransport({ ...options, url: addressOf(options.baseUrl) });
  return { stream: (request, signal) => answer({ options, transport, request, signal }) };
}

type Answering = {
  options: OpenAiModelOptions;
  transport: Transport;
  request: ModelRequest;
  signal: AbortSignal;
};

/** Where completions are asked for; a base URL may be the whole address already. */
function addressOf(baseUrl: string): URL {
  const address = new URL(baseUrl);
  const path = address.pathname.replace(/\/+$/u, "").replace(/\/chat\/completions$/u, "");
  return new URL(`${address.origin}${path}/chat/completions${address.search}`);
}

async function* answer(answering: Answering): AsyncGenerator<ModelEvent> {
  const { options, request, signal } = answering;
  if (signal.aborted) return;
  const watch = openWatch({ clock: options.clock, limits: modelLimits[request.purpose], signal });
  // Each generator that a piece passes costs it three promises: this one reads, too.
  try {
    const chunks = readServerEvents(await watch.wait(open(answering, watch)));
    let reply = emptyReply;
    let next = await watch.wait(chunks.next());
    for (; next.done !== true; next = await watch.wait(chunks.next())) {
      const taken = accumulate(reply, next.value);
      reply = taken.reply;
      if (taken.events.length > 0) watch.contentBegan();
      for (const event of taken.events) yield event;
    }
    for (const event of conclude(reply, answering)) yield event;
  } catch (error) {
    const failure = failureOfStop(error, answering, watch);
    if (failure !== undefined) yield { type: "failed", failure };
  } finally {
    watch.close();
  }
}

/** What went wrong; nothing when it was called off. */
function failureOfStop(error: unknown, { options }: Answering, watch: Watch): ModelFailure | undefined {
  const { provider, apiKey } = options;
  const stop = watch.stoppedBy();
  if (stop === "called-off") return undefined;
  return stop === undefined ? failureOf(error, { provider, apiKey }) : timeoutFailure(provider, stop);
}

/** Asks, in other words if the server refuses the first and says what it does not like. */
async function open({ options, transport, request }: Answering, watch: Watch): Promise<Answer> {
  const server = `${options.baseUrl} ${request.model}`;
  let dialect = options.dialects.of(server);
  for (let adaptations = 0; ; adaptations += 1) {
    try {
      const opened = await transport(JSON.stringify(toBody(request, dialect)), watch.signal);
      options.dialects.learn(server, dialect);
      return opened;
    } catch (error) {
      const next =
        adaptations < adaptationsMax ? adapt(dialect, error, request.schema !== undefined) : undefined;
      if (next === undefined) throw error;
      options.log.info("model server asked in other words", {
        provider: options.provider,
        model: request.model,
        ...next,
      });
      dialect = next;
    }
  }
}

function* conclude(reply: Reply, { options, request }: Answering): Generator<ModelEvent> {
  const text = lastText(reply);
  if (text !== "") yield { type: "text", text };
  const toolCalls = reply.calls.length === 0 ? [] : toolCallsOf(reply, idsIn(request));
  const { usage, finishReason } = reply;
  if (finishReason === undefined && isBrokenOff(reply))
    yield { type: "failed", failure: brokenOffFailure(options.provider) };
  else if (text === "" && !reply.spoken && toolCalls.length === 0)
    yield { type: "failed", failure: emptyFailure(options.provider, finishReason) };
  else yield { type: "finished", toolCalls, ...(usage === undefined ? {} : { usage }) };
}

function idsIn(request: ModelRequest): string[] {
  return request.messages.flatMap((message) =>
    message.role === "assistant" ? message.toolCalls.map((call) => call.id) : [],
  );
}
