import { sleep, systemClock } from "../../clock.ts";
import { type Egress, type EgressAnswer, type EgressRequest, noPhases } from "../../delivery/egress-port.ts";
import type { openEgress as OpenEgress } from "../../delivery/egress.ts";
import { openEgress } from "../../delivery/egress.ts";

const againAfterMs = 50;

/**
 * A broken way out, to prove that the crash harness sees it: an event counts as
 * accepted before its receiver has answered. It is sent all the same, in order,
 * until it is taken, so that only a kill between the two loses it.
 */
export const openHastyEgress: typeof OpenEgress = (parts) => {
  const real = openEgress(parts);
  const lines = new Map<string, Promise<void>>();
  const deliver = async (request: EgressRequest): Promise<void> => {
    for (;;) {
      const answer = await real.send(request);
      if (answer.kind === "answered" && answer.status < 300) return;
      await sleep(systemClock, againAfterMs);
    }
  };
  const send = async (request: EgressRequest): Promise<EgressAnswer> => {
    const callId = /^evt_(.+)_\d+$/u.exec(request.headers["webhook-id"] ?? "")?.[1];
    if (callId === undefined) return real.send(request);
    const before = lines.get(callId) ?? Promise.resolve();
    lines.set(
      callId,
      before.then(() => deliver(request)),
    );
    const empty = { headers: {}, body: Buffer.from("{}"), truncated: false };
    return { kind: "answered", status: 200, ...empty, elapsedMs: 1, phases: noPhases };
  };
  return { ...real, send } satisfies Egress;
};
