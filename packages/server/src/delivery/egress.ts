import { Dispatcher } from "undici";
import type { Clock } from "../clock.ts";
import { guardedConnector, type Lookup, systemLookup } from "./egress-connect.ts";
import type { Egress } from "./egress-port.ts";
import { exchange } from "./egress-exchange.ts";
import { forbidden, stopped } from "./egress-failure.ts";
import { fetchTimes, guardedFetch } from "./egress-fetch.ts";
import { type CheckedUrl, checkUrl } from "./guard.ts";
import type { GuardRules } from "./guard-allow.ts";
import { openPools, type Pools } from "./pools.ts";

/** No answer of ours takes longer than a tool's longest timeout, 600 s; these are what holds if its timer does not. */
const sendTimes = { headersMsMax: 610_000, silenceMsMax: 610_000 } as const;

/** Opens the way out: the only place of the server with sockets to the outside. */
export function openEgress(given: { rules: GuardRules; clock: Clock; lookup?: Lookup }): Egress {
  const { rules, clock, lookup = systemLookup } = given;
  const connector = () => guardedConnector({ rules, clock, lookup });
  const pools = openPools({ clock, connector, times: sendTimes });
  // Streams that last are kept apart, so that they never take the connections of deliveries.
  const fetchPools = openPools({ clock, connector, times: fetchTimes });
  const check = remembering((url: string) => checkUrl(url, rules));
  let state: "open" | "closed" = "open";
  return {
    async send(request) {
      if (state === "closed") return { ...stopped, connected: false, elapsedMs: 0 };
      const checked = check(request.url);
      if (checked.kind === "refused") return { ...forbidden(checked), elapsedMs: 0 };
      return exchange(pools.poolOf(checked.url.origin), checked.url, { request, clock });
    },
    fetch: guardedFetch({ rules, dispatcher: new PoolsDispatcher(fetchPools) }),
    async close() {
      state = "closed";
      await Promise.all([pools.close(), fetchPools.close()]);
    },
  };
}

/** The verdict on a URL's text never changes while the rules stand; so many are remembered. */
const verdictsMax = 1_024;

function remembering(check: (url: string) => CheckedUrl): (url: string) => CheckedUrl {
  const known = new Map<string, CheckedUrl>();
  return (url) => {
    const verdict = known.get(url) ?? check(url);
    if (known.size >= verdictsMax && !known.has(url)) known.clear();
    known.set(url, verdict);
    return verdict;
  };
}

/** Gives undici's `fetch` the pool of each request's origin. */
class PoolsDispatcher extends Dispatcher {
  readonly #pools: Pools;

  constructor(pools: Pools) {
    super();
    this.#pools = pools;
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    return this.#pools.poolOf(String(options.origin)).dispatch(options, handler);
  }
}
