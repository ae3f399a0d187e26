import { createHmac } from "node:crypto";
import type { Bus } from "../bus.ts";
import { openBus } from "../bus/in-process.ts";
import { lookingBus } from "../bus/looking-bus.ts";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { NatsAddress } from "../nats/address.ts";
import type { Peers } from "../peers.ts";
import { firstOf } from "../peers/first-of.ts";
import { type HttpPeers, openHttpPeers } from "../peers/http.ts";
import type { Random } from "../random.ts";
import type { Store } from "../store.ts";

export type WaysParts = {
  store: Pick<Store, "isShared" | "lastPosition" | "keepSecret">;
  /** Where NATS is; undefined: there is none. */
  nats: NatsAddress | undefined;
  clock: Clock;
  random: Random;
  log: Log;
};

/** How this server hears of the others that share its store, and asks them. */
export type Ways = {
  bus: Bus;
  peers: Peers;
  /** Answers requests of other servers; undefined when it is none. */
  door: HttpPeers["door"];
  close: () => Promise<void>;
};

/**
 * News go over NATS where there is one, and are looked for in the store in any
 * case; questions go over NATS, and over HTTP where that reaches nobody. A
 * server that has its store alone needs neither.
 */
export async function openWays({ store, nats, clock, random, log }: WaysParts): Promise<Ways> {
  const local = openBus(log);
  const secret = await store.keepSecret({ name: "peers", value: random.token(32) });
  const http = openHttpPeers({ secret, clock, random, log });
  if (!store.isShared) return { bus: local, peers: http, door: () => undefined, close: () => http.close() };
  const closing = new AbortController();
  const looking = (bus: Bus): Bus => lookingBus({ bus, store, clock, log, signal: closing.signal });
  const { door } = http;
  const closeHttp = (): Promise<void> => {
    closing.abort();
    return http.close();
  };
  if (nats === undefined) return { bus: looking(local), peers: http, door, close: closeHttp };
  // Read only where it is wanted, as most servers have their store alone.
  const [{ openNatsLine }, { openNatsBus }, { openNatsPeers }] = await Promise.all([
    import("../nats/nats-line.ts"),
    import("../bus/nats/nats-bus.ts"),
    import("../peers/nats.ts"),
  ]);
  const line = openNatsLine({ address: nats, clock, log });
  const space = spaceOf(secret);
  return {
    bus: looking(openNatsBus({ line, space, clock, log })),
    peers: firstOf(openNatsPeers({ line, space, log }), http),
    door,
    async close() {
      await line.close();
      await closeHttp();
    },
  };
}

/** Servers of one store have one, and no others: several stores may use one NATS. */
function spaceOf(secret: string): string {
  return createHmac("sha256", secret).update("subjects").digest("base64url").slice(0, 22);
}
