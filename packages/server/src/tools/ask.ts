import type { ToolOutcome } from "@offhook/protocol";
import { type Clock, sleep } from "../clock.ts";
import { maskedHeaders } from "../delivery/attempt-headers.ts";
import { retryAfter } from "../delivery/attempt-later.ts";
import type { Egress, EgressAnswer, EgressRequest } from "../delivery/egress-port.ts";
import { secretFault } from "../delivery/sign.ts";
import { traced } from "../delivery/traced.ts";
import type { Random } from "../random.ts";
import { type ToolCall, type ToolRequest, toolRequest } from "./request.ts";
import { failure, understand } from "./understand.ts";

/** An answer of a tool may be so large; beyond it is refused. */
const toolAnswerBytesMax = 262_144;

/** How long before each further try, in ms. */
const toolRetryDelaysMs = [200, 1_000] as const;

export type AskDeps = { egress: Egress; clock: Clock; random: Random };

export type ToolAsk = ToolCall & {
  /** The id that the model gave, under which an answer with several results may name it. */
  modelCallId: string;
  /** Gives the waiting up, as when the server stops. */
  signal?: AbortSignal;
};

/** What went over the wire the last time, with secrets masked; `status` is null when nothing was answered. */
export type ToolExchange = {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string;
  status: number | null;
  answer: string;
  attempts: number;
};

export type Asked = { outcome: ToolOutcome; elapsedMs: number; exchange: ToolExchange };

/**
 * Asks a tool's server, and again up to twice if nobody was there or it was
 * busy, all inside its one timeout. Never throws: every end is an outcome.
 */
export async function askTool(deps: AskDeps, ask: ToolAsk): Promise<Asked> {
  const { clock } = deps;
  const startedAt = clock.now();
  const endsAt = startedAt + ask.server.timeoutSeconds * 1_000;
  const fault = secretFault(ask.server.secret);
  if (fault !== undefined) return unsent(ask, fault);
  const attributes = { "offhook.tool.name": ask.tool.name, "offhook.tool_call.id": ask.toolCallId };
  const of = { name: "ask", url: ask.server.url, attributes, random: deps.random };
  const last = await traced(of, (traceparent) => sendUntilAnswered(deps, ask, { traceparent, endsAt }));
  return {
    outcome: outcomeOf(last.answer, ask),
    elapsedMs: clock.now() - startedAt,
    exchange: exchangeOf(last),
  };
}

type Last = { request: ToolRequest; answer: EgressAnswer; attempts: number };

async function sendUntilAnswered(
  deps: AskDeps,
  ask: ToolAsk,
  { traceparent, endsAt }: { traceparent: string; endsAt: number },
): Promise<Last> {
  const { clock } = deps;
  for (let attempt = 1; ; attempt += 1) {
    const request = toolRequest(ask, { attempt, nowMs: clock.now(), traceparent });
    const answer = await send(deps, { ...request, tls: ask.server.tls, endsAt, signal: ask.signal });
    const delayMs = delayBefore(attempt, answer, clock.now());
    const goesOn = delayMs !== undefined && clock.now() + delayMs < endsAt;
    if (goesOn) await sleep(clock, delayMs, ask.signal);
    if (!goesOn || ask.signal?.aborted === true) return { request, answer, attempts: attempt };
  }
}

type Sending = ToolRequest & Pick<EgressRequest, "tls"> & { endsAt: number; signal: AbortSignal | undefined };

/** Methods that may be sent twice to the same effect (RFC 9110, 9.2.2): what a POST did is not known when its connection was closed. */
const idempotent = new Set(["GET", "PUT", "DELETE"]);

function send({ egress, clock }: AskDeps, { endsAt, signal, ...request }: Sending): Promise<EgressAnswer> {
  return egress.send({
    ...request,
    timeoutMs: endsAt - clock.now(),
    answerBytesMax: toolAnswerBytesMax,
    overLimit: "refuse",
    repeatable: idempotent.has(request.method),
    ...(signal === undefined ? {} : { signal }),
  });
}

const busyStatuses = new Set([429, 502, 503, 504]);

/** How long to wait before trying again, in ms; `undefined` when it is not worth it. */
function delayBefore(attempt: number, answer: EgressAnswer, now: number): number | undefined {
  const planned = toolRetryDelaysMs[attempt - 1];
  if (planned === undefined) return undefined;
  if (answer.kind === "answered") {
    return busyStatuses.has(answer.status)
      ? Math.max(planned, retryAfter(answer.headers["retry-after"], now) ?? 0)
      : undefined;
  }
  return answer.kind === "unreachable" && !answer.connected ? planned : undefined;
}

function outcomeOf(answer: EgressAnswer, { tool, server, ...ids }: ToolAsk): ToolOutcome {
  switch (answer.kind) {
    case "answered":
      return understand(answer, { ...ids, name: tool.name });
    case "timed-out":
      return failure("timed-out", `${tool.name} did not answer within ${server.timeoutSeconds} s.`);
    case "too-large":
      return failure(
        "too-large",
        `${tool.name} answered with more than ${toolAnswerBytesMax / 1_024} KiB, which is too much to read.`,
      );
    case "forbidden":
      return failure("forbidden", `${tool.name} was not called: ${answer.detail}`);
    case "unreachable":
      return failure("unreachable", `${tool.name} could not be reached: ${answer.detail}.`);
    case "stopped":
      return failure(
        "stopped",
        `${tool.name} was given up: the server stops, or nobody waits for it any more.`,
      );
  }
}

function exchangeOf({ request, answer, attempts }: Last): ToolExchange {
  const answered = answer.kind === "answered" ? answer : undefined;
  return {
    method: request.method,
    url: request.url,
    headers: maskedHeaders(request.headers),
    body: request.body,
    status: answered?.status ?? null,
    answer: answered === undefined ? "" : new TextDecoder().decode(answered.body),
    attempts,
  };
}

function unsent({ tool, server }: ToolAsk, fault: string): Asked {
  const exchange = {
    method: server.method,
    url: server.url,
    headers: {},
    body: "",
    status: null,
    answer: "",
    attempts: 0,
  };
  return { outcome: failure("not-sent", `${tool.name} was not called: ${fault}.`), elapsedMs: 0, exchange };
}
