import { APIConnectionError, APIConnectionTimeoutError } from "openai";
import type { ModelFailure } from "../../model.ts";
import { fieldOf, itemsOf, textOf } from "../loose-json.ts";
import { AnswerTooLong, RedirectRefused } from "./transport.ts";

/** What went wrong before an answer, or with the way it came; `undefined` if it is something else. */
export function connectionFailure(error: unknown, provider: string): ModelFailure | undefined {
  const causes = causesOf(error);
  const begin = `The ${provider} model server`;
  if (causes.some((cause) => cause instanceof RedirectRefused))
    return fail(
      "refused",
      `${begin} answered with a redirect, which is never followed. Set its final address.`,
    );
  if (causes.some((cause) => cause instanceof AnswerTooLong))
    return fail("bad-answer", `${begin} was cut off: its answer grew beyond all measure.`);
  const forbidden = guardsWords(causes);
  if (forbidden !== undefined) return fail("refused", `${begin} may not be connected to. ${forbidden}`);
  if (error instanceof APIConnectionTimeoutError)
    return fail("timeout", `${begin} did not answer in time.`, again);
  if (!(error instanceof APIConnectionError)) return undefined;
  const why = reasonOf(causes);
  return fail("unreachable", `${begin} cannot be reached${why === undefined ? "" : `: ${why}`}.`, again);
}

/** A failure that the same request would meet again, unless it says otherwise. */
export function fail(
  code: ModelFailure["code"],
  message: string,
  more: { retryable?: boolean; status?: number } = {},
): ModelFailure {
  return { code, message, retryable: false, ...more };
}

/** It may go better in a moment. */
export const again = { retryable: true } as const;

const reasons: Record<string, string> = {
  ECONNREFUSED: "nothing listens at its address",
  ENOTFOUND: "its host name is not known",
  EAI_AGAIN: "its host name could not be looked up",
  ECONNRESET: "it closed the connection",
  UND_ERR_SOCKET: "it closed the connection",
  "lookup-timed-out": "its host name could not be looked up in time",
  "connect-timed-out": "no connection came about in time",
  EHOSTUNREACH: "there is no way to its host",
  ENETUNREACH: "there is no way to its network",
  CERT_HAS_EXPIRED: "its certificate has expired",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is self-signed",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate cannot be verified",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another host",
};

function reasonOf(causes: readonly unknown[]): string | undefined {
  const codes = causes.map((cause) => textOf(fieldOf(cause, "code")));
  const known = codes.find((code) => Object.hasOwn(reasons, code));
  return known === undefined ? undefined : reasons[known];
}

/** The guard of tenants' addresses refuses with an error that holds a `refusal`, whose `detail` is a sentence for people. */
function guardsWords(causes: readonly unknown[]): string | undefined {
  const refusal = causes.map((cause) => fieldOf(cause, "refusal")).find((each) => each !== undefined);
  return refusal === undefined ? undefined : textOf(fieldOf(refusal, "detail"));
}

/** How deep the causes of an error are followed. */
const causesMax = 8;

function causesOf(error: unknown): unknown[] {
  const causes: unknown[] = [];
  for (let at = error; at instanceof Error && causes.length < causesMax; at = at.cause) {
    causes.push(at, ...itemsOf(fieldOf(at, "errors")));
  }
  return causes;
}
