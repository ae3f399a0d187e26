import { lookup as nodeLookup } from "node:dns/promises";
import { type Clock, timedOut, within } from "../clock.ts";
import { codeOf, ConnectError, ForbiddenError } from "./egress-failure.ts";
import { checkAddress, checkName, literalOf } from "./guard.ts";
import type { GuardRules } from "./guard-allow.ts";

/** Looks a name up: all its addresses. */
export type Lookup = (host: string) => Promise<readonly { address: string; family: number }[]>;

export const systemLookup: Lookup = (host) => nodeLookup(host, { all: true });

/** How long a name may take to be looked up, in ms, and how many of its addresses are tried. */
export const lookupLimits = { lookupMsMax: 5_000, addressesTriedMax: 8 } as const;

/** Addresses that were checked: a connection leads to one of them, or is closed. */
export type Pinned = readonly { address: string; family: number }[];

/** Finds where a host leads, and checks all of it; fails with a {@link ForbiddenError} or a {@link ConnectError}. */
export async function pin(
  host: string,
  { rules, clock, lookup }: { rules: GuardRules; clock: Clock; lookup: Lookup },
): Promise<Pinned> {
  const literal = literalOf(host);
  if (literal !== undefined) {
    const refusal = checkAddress(literal, rules);
    if (refusal !== undefined) throw new ForbiddenError(refusal);
    return [{ address: literal, family: literal.includes(":") ? 6 : 4 }];
  }
  const found = await within(clock, lookupLimits.lookupMsMax, lookUp(lookup, host));
  if (found === timedOut) throw new ConnectError("lookup-timed-out", "the look-up took too long");
  if (found.length === 0) throw new ConnectError("ENOTFOUND", "the name has no address");
  const addresses = found.map(({ address }) => address);
  const refusal = checkName(host, addresses, rules);
  if (refusal !== undefined) throw new ForbiddenError(refusal);
  return found.slice(0, lookupLimits.addressesTriedMax);
}

async function lookUp(lookup: Lookup, host: string): Promise<Pinned> {
  try {
    return await lookup(host);
  } catch (error) {
    throw new ConnectError(codeOf(error), "the name could not be looked up", { cause: error });
  }
}

/** Those who ask while an answer is under way share it; it is not kept. */
export function oneAtATime<Key, Value>(ask: (key: Key) => Promise<Value>): (key: Key) => Promise<Value> {
  const underWay = new Map<Key, Promise<Value>>();
  return (key) => {
    const shared = underWay.get(key) ?? ask(key).finally(() => underWay.delete(key));
    underWay.set(key, shared);
    return shared;
  };
}
