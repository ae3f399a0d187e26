import { isIP } from "node:net";
import ipaddr from "ipaddr.js";
import { allowsAddress, allowsName, type GuardRules, plainName } from "./guard-allow.ts";
import { embeddedIn } from "./guard-embedded.ts";
import { type Address, type Range, specialRangeOf } from "./guard-ranges.ts";

export { type GuardRules, parseAllow } from "./guard-allow.ts";

/** Why we may not connect: the rule's name, and a sentence that says what to do. */
export type GuardRefusal = { kind: "refused"; rule: string; detail: string };

export type CheckedUrl = { kind: "allowed"; url: URL } | GuardRefusal;

/** Names that lead to this machine without being asked for in the DNS. */
const localNames = /^(?:(?:.+\.)?localhost|(?:.+\.)?localdomain|ip6-localhost|ip6-loopback)$/u;

/**
 * May a request be sent to this URL, as far as its text can tell? Where its
 * host name leads is checked by {@link checkName} when it is looked up.
 */
export function checkUrl(text: string, rules: GuardRules): CheckedUrl {
  const url = URL.parse(text);
  if (url === null)
    return refuse("not-a-url", "This is not a URL: write it in full, such as https://example.org/hook.");
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    return refuse("scheme", `${url.protocol} URLs are not called: use http or https.`);
  }
  if (url.username !== "" || url.password !== "") {
    return refuse(
      "credentials",
      "The URL has a user name or password in it: use `secret` or `headers` instead.",
    );
  }
  const refusal = checkHost(url.hostname, rules);
  return refusal ?? { kind: "allowed", url };
}

/** May we connect to this address? */
export function checkAddress(ip: string, rules: GuardRules): GuardRefusal | undefined {
  const address = readAddress(ip);
  if (address === undefined) return refuse("not-an-address", `${ip} is not an address that can be called.`);
  const range = forbiddenRangeOf(address, rules);
  return (
    range && refuse(range.rule, `${ip} is ${range.words}, ${mayNot} ${letThrough(range.judged.toString())}`)
  );
}

/**
 * May we connect to the addresses that a name leads to? One that is forbidden
 * forbids them all, so that a mixed answer gives no second chance. Which
 * address it was is not said: it may be nobody's business.
 */
export function checkName(
  host: string,
  addresses: readonly string[],
  rules: GuardRules,
): GuardRefusal | undefined {
  if (allowsName(rules, host)) return undefined;
  for (const ip of addresses) {
    const address = readAddress(ip);
    if (address === undefined)
      return refuse("not-an-address", `${host} leads to something that is not an address.`);
    const range = forbiddenRangeOf(address, rules);
    if (range)
      return refuse(range.rule, `${host} leads to ${range.words}, ${mayNot} ${letThrough(plainName(host))}`);
  }
  return undefined;
}

/** An address in one notation, for comparing; IPv4 in IPv6 becomes IPv4. `undefined` when it is none, or has a zone. */
export function sameAddress(ip: string): string | undefined {
  return readAddress(ip)?.toString();
}

/** The address inside a URL's host, without brackets; `undefined` for a name. */
export function literalOf(hostname: string): string | undefined {
  const bare = hostname.startsWith("[") ? hostname.slice(1, -1) : hostname;
  return isIP(bare) === 0 ? undefined : bare;
}

const mayNot = "and this server connects to public addresses only.";

function letThrough(what: string): string {
  return `If it is meant to be reached, its operator adds ${what} to OFFHOOK_EGRESS_ALLOW.`;
}

function refuse(rule: string, detail: string): GuardRefusal {
  return { kind: "refused", rule, detail };
}

function checkHost(hostname: string, rules: GuardRules): GuardRefusal | undefined {
  const literal = literalOf(hostname);
  if (literal !== undefined) return checkAddress(literal, rules);
  const name = plainName(hostname);
  if (name === "") return refuse("not-a-url", "The URL has no host.");
  if (!localNames.test(name) || allowsName(rules, name) || allowsLoopback(rules)) return undefined;
  return refuse("local-name", `${name} is this machine itself, ${mayNot} ${letThrough("loopback")}`);
}

function allowsLoopback(rules: GuardRules): boolean {
  return ["127.0.0.1", "::1"].some((ip) => checkAddress(ip, rules) === undefined);
}

function readAddress(ip: string): Address | undefined {
  // A zone makes sense for link-local addresses alone, and those are never public.
  if (isIP(ip) === 0 || ip.includes("%")) return undefined;
  return ipaddr.process(ip.includes(":") ? inHex(ip) : ip);
}

/** The package takes `::8.8.8.8`, as the DNS writes it, for `::ffff:8.8.8.8`; in hex it does not. */
function inHex(ip: string): string {
  return ip.replace(/[\d.]+$/u, (tail) => {
    const [a, b, c, d] = tail.split(".").map(Number);
    if (a === undefined || b === undefined || c === undefined || d === undefined) return tail;
    return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  });
}

/** An IPv6 address that stands for an IPv4 one is judged by both. */
function forbiddenRangeOf(address: Address, rules: GuardRules): (Range & { judged: Address }) | undefined {
  for (const judged of [address, ...embeddedIn(address)]) {
    const range = specialRangeOf(judged);
    if (range !== undefined && !allowsAddress(rules, judged)) return { ...range, judged };
  }
  return undefined;
}
