import type { Problem } from "@offhook/protocol";

/**
 * What every method answers: the value, or the problem as a value. Nothing is
 * thrown for what a server or a network may do.
 *
 * `problem.code` is one of the server's refusals (`refusalCodes` of
 * `@offhook/protocol`) or one of {@link ClientFault}; then `problem.status` is
 * that of the answer, or 0 when there was none.
 *
 * @example
 * const answer = await client.calls.get(id);
 * if (!answer.ok) return console.error(answer.problem.detail);
 * console.log(answer.value.status);
 */
export type Answer<Value> = { ok: true; value: Value } | { ok: false; problem: Problem };

/**
 * What may go wrong before there is an answer of the server's own:
 * `unreachable` nothing answered, or the connection broke; `timed-out` it took
 * too long; `aborted` the caller's signal said stop; `not-understood` what came
 * is no answer of an Offhook server of this version.
 */
export type ClientFault = "unreachable" | "timed-out" | "aborted" | "not-understood";

const titles = {
  unreachable: "The server cannot be reached",
  "timed-out": "The server did not answer in time",
  aborted: "Stopped by the caller",
  "not-understood": "The answer was not understood",
} as const satisfies Record<ClientFault, string>;

/** A problem of the client's own. */
export function failed(code: ClientFault, detail: string, status = 0): { ok: false; problem: Problem } {
  return {
    ok: false,
    problem: { type: `urn:offhook:problem:${code}`, title: titles[code], status, detail, code },
  };
}
