import { isIP } from "node:net";
import ipaddr from "ipaddr.js";
import { type Address, holds, type Network, readNetwork } from "./guard-ranges.ts";

/** What may be reached besides public addresses: networks, and host names whatever they lead to. */
export type GuardRules = { networks: readonly Network[]; names: readonly string[] };

/** The rules of a server that allows nothing but public addresses. */
export const publicOnly: GuardRules = { networks: [], names: [] };

export type ParsedAllow = { kind: "rules"; rules: GuardRules } | { kind: "faults"; faults: string[] };

/** Words that stand for several networks. */
const words: Readonly<Record<string, readonly string[]>> = {
  loopback: ["127.0.0.0/8", "::1/128"],
  private: ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"],
};

type Read = { networks: readonly string[] } | { name: string } | { fault: string };

/**
 * Reads `OFFHOOK_EGRESS_ALLOW`: networks (`10.0.0.0/8`), addresses, host names
 * (`receiver.internal`, `*.internal`), `loopback` and `private`, with commas or
 * spaces between them. All faults are reported at once.
 */
export function parseAllow(text: string): ParsedAllow {
  const read = text
    .split(/[\s,]+/u)
    .filter((item) => item !== "")
    .map(readItem);
  const faults = read.flatMap((item) => ("fault" in item ? [item.fault] : []));
  if (faults.length > 0) return { kind: "faults", faults };
  const networks = read.flatMap((item) => ("networks" in item ? item.networks : [])).map(readNetwork);
  const names = read.flatMap((item) => ("name" in item ? [item.name] : []));
  return { kind: "rules", rules: { networks, names } };
}

/** Whether the operator allows this address. */
export function allowsAddress(rules: GuardRules, address: Address): boolean {
  return rules.networks.some((network) => holds(network, address));
}

/** Whether the operator allows this host name, whatever it leads to. */
export function allowsName(rules: GuardRules, host: string): boolean {
  const name = plainName(host);
  return rules.names.some((allowed) =>
    allowed.startsWith("*.") ? name.endsWith(allowed.slice(1)) : name === allowed,
  );
}

/** A host name in lower case, without the dots of the root. */
export function plainName(host: string): string {
  return host.toLowerCase().replace(/\.+$/u, "");
}

function readItem(item: string): Read {
  const networks = Object.hasOwn(words, item) ? words[item] : undefined;
  if (networks !== undefined) return { networks };
  if (item === "*") return { fault: "`*`: to allow everything, write 0.0.0.0/0 and ::/0" };
  const [address = "", bits, ...more] = item.split("/");
  if (isIP(address) !== 0 && more.length === 0) return readRange(item, address, bits);
  if (
    /^(?:\*\.)?(?!-)[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/iu.test(item) &&
    !/(?:^|\.)(?:\d+|0x[\da-f]*)$/iu.test(item)
  ) {
    return { name: item.toLowerCase() };
  }
  return {
    fault: `\`${item}\` is not a network such as 10.0.0.0/8, an address or a host name (without scheme or port)`,
  };
}

function readRange(item: string, address: string, bits: string | undefined): Read {
  const widest = isIP(address) === 4 ? 32 : 128;
  const wanted = bits ?? String(widest);
  if (!/^\d{1,3}$/u.test(wanted) || Number(wanted) > widest) {
    return { fault: `\`${item}\`: the part after / is a number from 0 to ${widest}` };
  }
  if (address.includes("%")) return { fault: `\`${item}\`: leave out the zone after %` };
  const base = ipaddr.parse(address);
  if (base instanceof ipaddr.IPv6 && base.isIPv4MappedAddress()) {
    return { fault: `\`${item}\`: write it as IPv4, ${base.toIPv4Address().toString()}` };
  }
  const network = `${address}/${wanted}`;
  const first =
    widest === 32 ? ipaddr.IPv4.networkAddressFromCIDR(network) : ipaddr.IPv6.networkAddressFromCIDR(network);
  if (first.toString() !== base.toString())
    return { fault: `\`${item}\`: did you mean ${first.toString()}/${wanted}?` };
  return { networks: [network] };
}
