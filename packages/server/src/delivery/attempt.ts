import { STATUS_CODES } from "node:http";
import type { Attempt, AttemptOutcome } from "@offhook/protocol";
import type { Clock } from "../clock.ts";
import type { Random } from "../random.ts";
import type { ServerSettings } from "../store.ts";
import { type Egress, type EgressAnswer, noPhases } from "./egress-port.ts";
import { maskedHeaders } from "./attempt-headers.ts";
import { retryAfter } from "./attempt-later.ts";
import { secretFault, signedHeaders } from "./sign.ts";
import { traced } from "./traced.ts";

/** Of an answer to a tell, so much is kept. */
const tellAnswerBytesMax = 65_536;

export type Tell = {
  server: ServerSettings;
  /** The event's id, the same on every attempt. */
  id: string;
  body: string;
  /** Headers of ours that only some messages have. */
  extra?: Readonly<Record<string, string>>;
  /** 1, 2 … */
  attempt: number;
  clock: Clock;
  random: Random;
  signal?: AbortSignal;
};

/** An attempt, with when the receiver asked to be called again, in ms from its end. */
export type Attempted = Attempt & { retryAfterMs: number | null };

/** Makes one attempt at telling a Server URL of an event. Never throws; takes no longer than the server's timeout. */
export async function attempt(egress: Egress, tell: Tell): Promise<Attempted> {
  const { server, clock } = tell;
  const at = clock.now();
  const fault = secretFault(server.secret);
  const request = (headers: Record<string, string>) => ({ url: server.url, headers: maskedHeaders(headers) });
  const base = { attempt: tell.attempt, at };
  if (fault !== undefined) {
    const detail = `not sent: ${fault}`;
    const unsent = { elapsedMs: 0, phases: noPhases, outcome: "refused", detail, answer: null } as const;
    return { ...base, ...unsent, request: request({}), retryAfterMs: null };
  }
  const { headers, answer } = await send(egress, tell, at);
  return { ...base, request: request(headers), ...read(answer, clock.now()) };
}

type Sent = { headers: Record<string, string>; answer: EgressAnswer };

function send(egress: Egress, tell: Tell, at: number): Promise<Sent> {
  const { server, id, random } = tell;
  const body = Buffer.from(tell.body);
  const attributes = { "offhook.event.id": id, "offhook.attempt": tell.attempt };
  return traced({ name: "tell", url: server.url, attributes, random }, async (traceparent) => {
    const headers = signedHeaders({ id, body, nowMs: at, attempt: tell.attempt, server, traceparent });
    const answer = await egress.send({
      url: server.url,
      method: "POST",
      headers,
      body,
      timeoutMs: server.timeoutSeconds * 1_000,
      answerBytesMax: tellAnswerBytesMax,
      overLimit: "cut",
      // The receiver knows it again by its id: at least once is what was promised.
      repeatable: true,
      tls: server.tls,
      ...(tell.signal === undefined ? {} : { signal: tell.signal }),
    });
    return { headers, answer };
  });
}

type Read = Pick<Attempted, "elapsedMs" | "phases" | "outcome" | "detail" | "answer" | "retryAfterMs">;

function read(answer: EgressAnswer, now: number): Read {
  const { elapsedMs, phases } = answer;
  if (answer.kind !== "answered") {
    return {
      elapsedMs,
      phases,
      outcome: outcomeOfFailure[answer.kind],
      detail: answer.detail,
      answer: null,
      retryAfterMs: null,
    };
  }
  const { status, headers } = answer;
  const outcome = outcomeOf(status);
  const retryAfterMs = outcome === "accepted" ? null : retryAfter(headers["retry-after"], now);
  const kept = { status, headers: maskedHeaders(headers), body: textOf(answer) };
  return { elapsedMs, phases, outcome, detail: sentence(answer, retryAfterMs), answer: kept, retryAfterMs };
}

const outcomeOfFailure = {
  forbidden: "forbidden",
  unreachable: "unreachable",
  "timed-out": "timed-out",
  "too-large": "refused",
  stopped: "unreachable",
} as const satisfies Record<Exclude<EgressAnswer["kind"], "answered">, AttemptOutcome>;

/** What a status means for an event (contract 3): any 2xx is accepted, 410 ends it, 429 and 503 ask for patience. */
function outcomeOf(status: number): AttemptOutcome {
  if (status >= 200 && status < 300) return "accepted";
  if (status === 410) return "gone";
  return status === 429 || status === 503 ? "busy" : "refused";
}

type Answered = Extract<EgressAnswer, { kind: "answered" }>;

function sentence({ status, headers, truncated }: Answered, retryAfterMs: number | null): string {
  const name = STATUS_CODES[status];
  const parts = [`answered ${status}${name === undefined ? "" : ` ${name}`}`];
  if (status >= 300 && status < 400)
    parts.push(`redirects are not followed (to ${headers["location"] ?? "nowhere"})`);
  if (retryAfterMs !== null) parts.push(`asked to come back in ${Math.ceil(retryAfterMs / 1_000)} s`);
  if (truncated) parts.push(`its body was cut at ${tellAnswerBytesMax / 1_024} KiB`);
  return parts.join("; ");
}

/** The text of a body; a character that was cut in two is left out. */
function textOf({ body, truncated }: Answered): string {
  return new TextDecoder().decode(body, { stream: truncated });
}
