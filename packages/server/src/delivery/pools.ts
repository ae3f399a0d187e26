import { type buildConnector, Pool } from "undici";
import type { Clock } from "../clock.ts";
import { StoppedError } from "./egress-failure.ts";

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
  /** The pool of an origin; to be used at once, it may be closed later. */
  poolOf(origin: string): Pool;
  /** Gives up what is under way. */
  close(): Promise<void>;
};

type Kept = { pool: Pool; usedAt: number };

/** Opens a bounded set of connection pools, one per origin; the longest unused makes room. */
export function openPools(of: {
  clock: Clock;
  connector: () => buildConnector.connector;
  times: WireTimes;
}): Pools {
  const kept = new Map<string, Kept>();
  const leaving = new Set<Pool>();

  const retire = (origin: string, { pool }: Kept): void => {
    kept.delete(origin);
    leaving.add(pool);
    void pool.close().finally(() => leaving.delete(pool));
  };
  const makeRoom = (): void => {
    const idleSince = of.clock.now() - poolLimits.idleOriginMsMax;
    for (const [origin, one] of kept) {
      if (one.usedAt <= idleSince && one.pool.stats.size === 0) retire(origin, one);
    }
    const [oldest] = kept;
    if (oldest !== undefined && kept.size >= poolLimits.originsMax) retire(...oldest);
  };

  return {
    poolOf(origin) {
      const known = kept.get(origin);
      if (known === undefined) makeRoom();
      const pool = known?.pool ?? makePool(origin, of);
      // Set anew, so that the map's order is that of use.
      kept.delete(origin);
      kept.set(origin, { pool, usedAt: of.clock.now() });
      return pool;
    },
    async close() {
      const all = [...[...kept.values()].map(({ pool }) => pool), ...leaving];
      kept.clear();
      await Promise.all(all.map((pool) => pool.destroy(new StoppedError("the server stops"))));
    },
  };
}

function makePool(origin: string, of: { connector: () => buildConnector.connector; times: WireTimes }): Pool {
  return new Pool(origin, {
    connect: of.connector(),
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
