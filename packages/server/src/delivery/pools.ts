import type { ServerTls } from "@offhook/protocol";
import { type buildConnector, Pool } from "undici";
import type { Clock } from "../clock.ts";
import { StoppedError } from "./egress-failure.ts";
import { identityDigest } from "./egress-tls.ts";
import { openLine } from "./line.ts";

/** How much is kept open towards applications. Times in ms. */
export const poolLimits = {
  connectionsPerOriginMax: 32,
  originsMax: 1_024,
  /** A pool that nobody used for so long is closed when the next origin comes. */
  idleOriginMsMax: 60_000,
  /** A connection is kept for so long after its last answer, unless the other side asks for less. */
  idleConnectionMsMax: 4_000,
  idleConnectionHintMsMax: 60_000,
  answerHeaderBytesMax: 16_384,
} as const;

/** What one answer may take on the wire, in ms: to its headers, and from one piece of its body to the next. */
export type WireTimes = { headersMsMax: number; silenceMsMax: number };

export type Pools = {
  /** The pool of an origin and a TLS identity; to be used at once, it may be closed later. */
  poolOf(origin: string, tls?: ServerTls): Pool;
  /** Gives up what is under way. */
  close(): Promise<void>;
};

type Kept = { pool: Pool; usedAt: number };

type Making = { clock: Clock; connector: (tls?: ServerTls) => buildConnector.connector; times: WireTimes };

/**
 * Opens a bounded set of connection pools; the longest unused makes room. One
 * per origin and TLS identity, so that nobody sends on a connection that was
 * authenticated as somebody else, or trusted on somebody else's word.
 */
export function openPools(of: Making): Pools {
  const kept = new Map<string, Kept>();
  const leaving = new Set<Pool>();

  const retire = (name: string, { pool }: Kept): void => {
    kept.delete(name);
    leaving.add(pool);
    void pool.close().finally(() => leaving.delete(pool));
  };
  const makeRoom = (): void => {
    const idleSince = of.clock.now() - poolLimits.idleOriginMsMax;
    for (const [name, one] of kept) {
      if (one.usedAt <= idleSince && one.pool.stats.size === 0) retire(name, one);
    }
    const [oldest] = kept;
    if (oldest !== undefined && kept.size >= poolLimits.originsMax) retire(...oldest);
  };

  return {
    poolOf(origin, tls) {
      const name = tls === undefined ? origin : `${origin} ${identityDigest(tls)}`;
      const known = kept.get(name);
      if (known === undefined) makeRoom();
      const pool = known?.pool ?? makePool(origin, tls, of);
      // Set anew, so that the map's order is that of use.
      kept.delete(name);
      kept.set(name, { pool, usedAt: of.clock.now() });
      return pool;
    },
    async close() {
      const all = [...[...kept.values()].map(({ pool }) => pool), ...leaving];
      kept.clear();
      await Promise.all(all.map((pool) => pool.destroy(new StoppedError("the server stops"))));
    },
  };
}

function makePool(origin: string, tls: ServerTls | undefined, of: Making): Pool {
  return new Pool(origin, {
    factory: openLine,
    connect: of.connector(tls),
    connections: poolLimits.connectionsPerOriginMax,
    allowH2: false,
    pipelining: 1,
    keepAliveTimeout: poolLimits.idleConnectionMsMax,
    keepAliveMaxTimeout: poolLimits.idleConnectionHintMsMax,
    maxHeaderSize: poolLimits.answerHeaderBytesMax,
    headersTimeout: of.times.headersMsMax,
    bodyTimeout: of.times.silenceMsMax,
  });
}
