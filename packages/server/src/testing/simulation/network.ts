import type { JsonObject } from "@offhook/protocol";
import { type Clock, sleep } from "../../clock.ts";
import {
  type Egress,
  type EgressAnswer,
  type EgressRequest,
  noPhases,
  type Times,
} from "../../delivery/egress-port.ts";
import type { Posted } from "./check-delivery.ts";
import type { Life } from "./disk.ts";
import type { Answer, Plan } from "./plan.ts";

/** The world outside the server: receivers that do as planned, one answer after the other, then over again. */
export type Network = {
  /** Until then nobody answers, in epoch ms. */
  downUntil: number;
  /** From now on all is well: the run comes to its end. */
  healed: boolean;
  /** Requests so far, of tells and of tools. */
  tells: number;
  tools: number;
};

export type Heard = { tell(posted: Posted): void; ask(posted: Posted): void };

const never = new Promise<never>(() => undefined);

/** The network as one server has it. */
export function networkOf(
  network: Network,
  of: { plan: Plan; clock: Clock; life: Life; heard: Heard },
): Egress {
  const { plan, clock, life, heard } = of;
  const send = async (request: EgressRequest): Promise<EgressAnswer> => {
    if (life.dead) return never;
    const startedAt = clock.now();
    const posted = read(request, startedAt);
    const isTool = posted.message["type"] === "function-call" || request.url.endsWith("/tool");
    const answer = answerTo(network, { plan, isTool, now: startedAt });
    const inTime = answer.tookMs <= request.timeoutMs;
    const accepted = answer.kind === "accept" && inTime;
    if (isTool) heard.ask(posted);
    else if (answer.kind !== "no-connection") heard.tell({ ...posted, accepted });
    await sleep(clock, Math.min(answer.tookMs, request.timeoutMs), request.signal);
    if (life.dead) return never;
    const times = { elapsedMs: clock.now() - startedAt, phases: noPhases };
    if (request.signal?.aborted === true)
      return { kind: "stopped", detail: "it was given up", connected: true, ...times };
    if (!inTime) return { kind: "timed-out", detail: "there was no answer", connected: true, ...times };
    return { ...outcomes[answer.kind](isTool), ...times };
  };
  return {
    send,
    fetch: () => Promise.reject(new TypeError("nobody fetches in a simulation")),
    close: async () => undefined,
  };
}

function read(request: EgressRequest, at: number): Posted {
  const body = request.body === undefined ? "" : Buffer.from(request.body).toString();
  const { message = {} } = JSON.parse(body) as { message?: JsonObject };
  return { at, id: String(request.headers["webhook-id"]), message, body, accepted: false };
}

const well: Answer = { kind: "accept", tookMs: 1 };
const down: Answer = { kind: "no-connection", tookMs: 0 };

function answerTo(network: Network, of: { plan: Plan; isTool: boolean; now: number }): Answer {
  if (network.healed) return well;
  if (of.now < network.downUntil) return down;
  const list = of.isTool ? of.plan.tools : of.plan.tells;
  const number = of.isTool ? network.tools++ : network.tells++;
  const answer = list[number % list.length] ?? well;
  return answer.kind === "never" ? { ...answer, tookMs: Number.POSITIVE_INFINITY } : answer;
}

type Unhurried<Of> = Of extends EgressAnswer ? Omit<Of, keyof Times> : never;

function answered(status: number, body = ""): Unhurried<EgressAnswer> {
  return { kind: "answered", status, headers: {}, body: Buffer.from(body), truncated: false };
}

function unreachable(code: string, connected: boolean): Unhurried<EgressAnswer> {
  return { kind: "unreachable", detail: `the receiver failed (${code})`, code, connected };
}

const outcomes: Record<Answer["kind"], (isTool: boolean) => Unhurried<EgressAnswer>> = {
  accept: (isTool) => answered(200, isTool ? JSON.stringify({ result: "done" }) : ""),
  refuse: () => answered(500),
  busy: () => answered(503),
  gone: () => answered(410),
  reset: () => unreachable("ECONNRESET", true),
  garbage: () => unreachable("HPE_INVALID_CONSTANT", true),
  "no-connection": () => unreachable("ECONNREFUSED", false),
  never: () => unreachable("never", true),
};
