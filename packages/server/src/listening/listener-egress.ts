import { wireHeaders } from "@offhook/protocol";
import type { Clock } from "../clock.ts";
import { type Egress, type EgressAnswer, type EgressRequest, noPhases } from "../delivery/egress-port.ts";
import type { Sought } from "./listeners.ts";
import type { Listening } from "./listening.ts";

/** Where a tool is asked that has nowhere to be asked but at a listener. */
export const listenerUrl = "http://listener.invalid/";

export type ListenerEgressParts = {
  listeners: Pick<Listening, "has" | "offer">;
  egress: Egress;
  clock: Clock;
};

/**
 * The way out of a tool call while somebody listens to its assistant: the
 * listener takes it, or, if it does not, the Server URL is asked in what is left
 * of the time. Undefined when nobody listens.
 */
export function listenerEgress(
  { listeners, egress, clock }: ListenerEgressParts,
  sought: Sought,
): Egress | undefined {
  if (!listeners.has(sought)) return undefined;
  return {
    ...egress,
    async send(request) {
      const begunAt = clock.now();
      const outcome = await listeners.offer(sought, offerOf(request, sought), request.signal);
      if (outcome !== "untaken") return outcome;
      const elapsedMs = clock.now() - begunAt;
      if (request.url === listenerUrl) return nobody(elapsedMs);
      return egress.send({ ...request, timeoutMs: Math.max(1, request.timeoutMs - elapsedMs) });
    },
  };
}

function offerOf({ headers, body = "", timeoutMs }: EgressRequest, { assistantId }: Sought) {
  return {
    id: headers[wireHeaders.toolCallId] ?? "",
    callId: headers[wireHeaders.callId] ?? "",
    name: headers[wireHeaders.toolName] ?? "",
    assistantId,
    attempt: Number(headers[wireHeaders.attempt] ?? 1),
    body: typeof body === "string" ? body : Buffer.from(body).toString("utf8"),
    timeoutMs: Math.ceil(timeoutMs),
  };
}

function nobody(elapsedMs: number): EgressAnswer {
  const detail = "the listener did not take it, and the assistant has no enabled assistantServer";
  // As if it had been seen: asking again at once would find nobody again.
  return { kind: "unreachable", detail, connected: true, elapsedMs, phases: noPhases };
}
