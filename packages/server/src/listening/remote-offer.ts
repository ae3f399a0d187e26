import type { ListenedToolCall } from "@offhook/protocol";
import { type Clock, timedOut, within } from "../clock.ts";
import { type EgressAnswer, noPhases } from "../delivery/egress-port.ts";
import type { Offered, PeerAnswer, Unreached } from "../peers.ts";
import type { Outcome } from "./tool-call.ts";

/** What came of a tool call here, for the server that offered it. */
export function offeredOf(outcome: Outcome): PeerAnswer {
  if (outcome === "untaken") return { answer: "elsewhere" };
  return { answer: "offered", offered: toldOf(outcome) };
}

function toldOf(answer: EgressAnswer): Offered {
  if (answer.kind === "answered") {
    const { status, headers, body } = answer;
    return { came: "answered", status, headers, body: Buffer.from(body).toString("base64") };
  }
  const { kind, detail } = answer;
  return { came: "failed", kind: kind === "forbidden" ? "unreachable" : kind, detail };
}

export type Waiting = {
  clock: Clock;
  call: Pick<ListenedToolCall, "timeoutMs">;
  /** Aborted when nothing is heard any more of the server that was asked. */
  silent: AbortSignal;
  /** Aborted when nobody waits for the answer. */
  signal: AbortSignal | undefined;
};

/**
 * Waits for what comes of a tool call that was offered to a listener of another
 * server, no longer than its time. `untaken` only where it was certainly not
 * begun: whatever may have been given to a listener has an outcome.
 */
export async function outcomeThere(
  asked: Promise<PeerAnswer | Unreached>,
  { clock, call, silent, signal }: Waiting,
): Promise<Outcome> {
  const begunAt = clock.now();
  const ended = Promise.withResolvers<"silent" | "stopped">();
  const fallSilent = (): void => ended.resolve("silent");
  const stop = (): void => ended.resolve("stopped");
  silent.addEventListener("abort", fallSilent);
  signal?.addEventListener("abort", stop);
  if (signal?.aborted === true) stop();
  const came = await within(clock, call.timeoutMs, Promise.race([asked, ended.promise]));
  silent.removeEventListener("abort", fallSilent);
  signal?.removeEventListener("abort", stop);
  return outcomeOf(came, clock.now() - begunAt);
}

type Came = PeerAnswer | Unreached | "silent" | "stopped" | typeof timedOut;

function outcomeOf(came: Came, elapsedMs: number): Outcome {
  const failed = (kind: "unreachable" | "timed-out" | "too-large" | "stopped", detail: string): Outcome => {
    // As if it had been seen: asking again could have it done twice.
    return { kind, detail, connected: true, elapsedMs, phases: noPhases };
  };
  if (came === timedOut) return failed("timed-out", "the listener did not answer in time");
  if (came === "stopped") return failed("stopped", "it is not waited for any more");
  if (came === "silent") return failed("unreachable", serverGone);
  if ("unreached" in came) return came.unreached === "nobody" ? "untaken" : failed("unreachable", serverGone);
  if (came.answer === "elsewhere") return "untaken";
  if (came.answer === "refused") return failed("unreachable", came.refusal.detail);
  if (came.answer !== "offered")
    return failed("unreachable", "the listener's server answered something else");
  const { offered } = came;
  if (offered.came === "failed") return failed(offered.kind, offered.detail);
  const { status, headers } = offered;
  const body = Buffer.from(offered.body, "base64");
  return { kind: "answered", status, headers, body, truncated: false, elapsedMs, phases: noPhases };
}

const serverGone = "the server of its listener does not answer any more; it may have been carried out";
