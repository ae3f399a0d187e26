import { Dispatcher } from "undici";
import type { Clock } from "../clock.ts";
import type { ServerTls } from "@offhook/protocol";
import { guardedConnector } from "./egress-connect.ts";
import { type Egress, noPhases } from "./egress-port.ts";
import { exchange } from "./egress-exchange.ts";
import { forbidden, stopped } from "./egress-failure.ts";
import { fetchTimes, guardedFetch } from "./egress-fetch.ts";
import { type Lookup, systemLookup } from "./egress-lookup.ts";
import type { EgressProxy } from "./egress-proxy.ts";
import { type CheckedUrl, checkUrl } from "./guard.ts";
import type { GuardRules } from "./guard-allow.ts";
import { openPools, type Pools } from "./pools.ts";

/** No answer of ours takes longer than a tool's longest timeout, 600 s; these are what holds if its timer does not. */
const sendTimes = { headersMsMax: 610_000, silenceMsMax: 610_000 } as const;

/** Opens the way out: the only place of the server with sockets to the outside. */
export function openEgress(given: {
  rules: GuardRules;
  clock: Clock;
  lookup?: Lookup;
  proxy?: EgressProxy | undefined;
}): Egress {
  const { rules, clock, lookup = systemLookup, proxy } = given;
  const connector = (tls?: ServerTls) => guardedConnector({ rules, clock, lookup, proxy }, tls);
  const pools = openPools({ clock, connector, times: sendTimes });
  // Streams that last are kept apart, so that they never take the connections of deliveries.
  const fetchPools = openPools({ clock, connector, times: fetchTimes });
  const check = remembering((url: string) => checkUrl(url, rules));
  let state: "open" | "closed" = "open";
  return {
    async send(request) {
      if (state === "closed") return { ...stopped, connected: false, ...atOnce };
      const checked = check(request.url);
      if (checked.kind === "refused") return { ...forbidden(checked), ...atOnce };
      return exchange(pools.poolOf(checked.url.origin, request.tls), checked.url, { request, clock });
    },
    fetch: guardedFetch({ rules, dispatcher: new PoolsDispatcher(fetchPools) }),
    async close() {
      state = "closed";
      await Promise.all([pools.close(), fetchPools.close()]);
    },
  };
}

const atOnce = { elapsedMs: 0, phases: noPhases } as const;

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
