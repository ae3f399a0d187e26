import type { Agent } from "node:http";
import { type CallId, type Format, makeCallId, wireHeaders } from "@offhook/protocol";
import { systemNow } from "../clock.ts";
import { makeUuid } from "../random.ts";
import { exchange, type Incoming, type Outgoing } from "../sending/exchange.ts";
import type { Letter, Sample } from "../sending/letter.ts";
import { headersOf, type Proof } from "../sending/signed.ts";

/** A tool of the receiver, with arguments that it takes. */
export type KnownTool = { name: string; arguments: Record<string, unknown> };

export type CheckLimits = {
  /** An event is acknowledged within. */
  answerMaxMs: number;
  /** Nothing is waited for longer: the time that a Server URL has by default. */
  waitMaxMs: number;
  /** The pause between the pieces of a slow body. */
  pauseMs: number;
};

export const defaultCheckLimits: CheckLimits = { answerMaxMs: 3_000, waitMaxMs: 20_000, pauseMs: 300 };

export type ProbeOptions = {
  url: string;
  proof: Proof;
  tool: KnownTool | undefined;
  limits: CheckLimits;
  signal?: AbortSignal;
};

/** How a message is sent otherwise than it should be. */
export type Twist = {
  /** Another proof than the one that the receiver knows. */
  proof?: Proof;
  /** How old the attempt is; negative for one from the future. */
  ageSeconds?: number;
  /** Headers put in the place of others after signing; null takes one away. */
  headers?: (right: Readonly<Record<string, string>>) => Record<string, string | null>;
  /** Sent in the place of what was signed. */
  body?: string;
  method?: string;
  pieces?: number;
  attempt?: number;
  agent?: Agent;
};

/** What the cases have in hand: a receiver to send to. */
export type Probe = {
  readonly proof: Proof;
  readonly tool: KnownTool | undefined;
  readonly limits: CheckLimits;
  /** Everything that was answered so far. */
  readonly answers: readonly Incoming[];
  /** A call that no receiver has heard of. */
  newCall(format?: Format): Sample;
  newId(): string;
  send(letter: Letter, twist?: Twist): Promise<Incoming>;
};

export function openProbe(options: ProbeOptions): Probe {
  const answers: Incoming[] = [];
  return {
    ...options,
    answers,
    newCall: (format = "2025-04") => ({ callId: newCallId(), format }),
    newId: () => `tool_${makeUuid()}_1`,
    async send(letter, twist = {}) {
      const answer = await exchange(await outgoingOf(options, letter, twist));
      answers.push(answer);
      return answer;
    },
  };
}

function newCallId(): CallId {
  return makeCallId("chat", makeUuid());
}

async function outgoingOf(options: ProbeOptions, letter: Letter, twist: Twist): Promise<Outgoing> {
  const { url, limits, signal } = options;
  const { proof = options.proof, ageSeconds = 0, attempt = 1, method = "POST" } = twist;
  const right = await headersOf(letter, { proof, attempt, nowMs: systemNow() - ageSeconds * 1_000 });
  return {
    url,
    method,
    headers: withChanges(right, twist.headers?.(right) ?? {}),
    body: twist.body ?? letter.body,
    timeoutMs: limits.waitMaxMs,
    ...(twist.pieces === undefined ? {} : { pieces: { count: twist.pieces, pauseMs: limits.pauseMs } }),
    ...(twist.agent === undefined ? {} : { agent: twist.agent }),
    ...(signal === undefined ? {} : { signal }),
  };
}

function withChanges(
  right: Readonly<Record<string, string>>,
  changes: Readonly<Record<string, string | null>>,
): Record<string, string> {
  const headers: Record<string, string> = { ...right };
  for (const [name, value] of Object.entries(changes)) {
    delete headers[name];
    if (value !== null) headers[name] = value;
  }
  return headers;
}

/** The signature header of a message, changed. */
export function signatureAs(change: (right: string) => string | null): Pick<Twist, "headers"> {
  return { headers: (right) => ({ [wireHeaders.signature]: change(right[wireHeaders.signature] ?? "") }) };
}
