import { type Clock, timedOut, within } from "../clock.ts";
import { checkName, checkUrl, type GuardRules, literalOf } from "./guard.ts";

/** How long a name may take to be looked up when an address is saved. */
const lookupMaxMs = 2_000;

/**
 * Says why an address would not be called, when it is saved; `undefined` when
 * it may be. A name that does not answer now is let pass: it is looked at
 * again whenever it is called.
 */
export async function mayConnect(
  given: { rules: GuardRules; clock: Clock; lookup: (host: string) => Promise<readonly string[]> },
  url: string,
): Promise<string | undefined> {
  const checked = checkUrl(url, given.rules);
  if (checked.kind === "refused") return checked.detail;
  const { hostname } = checked.url;
  if (literalOf(hostname) !== undefined) return undefined;
  const found = await within(
    given.clock,
    lookupMaxMs,
    given.lookup(hostname).catch(() => []),
  );
  if (found === timedOut || found.length === 0) return undefined;
  return checkName(hostname, found, given.rules)?.detail;
}
