import ipaddr from "ipaddr.js";

export type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** A network in CIDR notation, read. */
export type Network = { text: string; base: Address; bits: number };

/** Addresses of one kind that are not for everybody, and what people call them. */
export type Range = { rule: string; words: string; networks: readonly Network[] };

/** Reads a network such as `10.0.0.0/8`; throws if it is none. */
export function readNetwork(text: string): Network {
  const [base, bits] = ipaddr.parseCIDR(text);
  return { text, base, bits };
}

/** Whether an address lies in a network; never, if one is IPv4 and the other IPv6. */
export function holds(network: Network, address: Address): boolean {
  return network.base.kind() === address.kind() && address.match(network.base, network.bits);
}

/**
 * What is not globally routable unicast, the most telling name first. After
 * IANA's registries of special-purpose addresses for IPv4 and IPv6, with the
 * metadata addresses of the clouds, of which Azure's is routable by its number.
 */
const ranges = [
  range("metadata", "a cloud's metadata address", [
    "169.254.169.254/32",
    "169.254.170.2/32",
    "169.254.170.23/32",
    "100.100.100.200/32",
    "168.63.129.16/32",
    "192.0.0.192/32",
    "fd00:ec2::254/128",
    "fd00:ec2::23/128",
    "fd20:ce::254/128",
  ]),
  range("unspecified", "an unspecified address", ["0.0.0.0/8", "::/128"]),
  range("loopback", "a loopback address", ["127.0.0.0/8", "::1/128"]),
  range("private", "a private address", ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"]),
  range("unique-local", "a private (unique local) address", ["fc00::/7"]),
  range("link-local", "a link-local address", ["169.254.0.0/16", "fe80::/10"]),
  range("site-local", "a site-local address", ["fec0::/10"]),
  range("shared", "an address shared behind a carrier (CGNAT)", ["100.64.0.0/10"]),
  range("multicast", "a multicast address", ["224.0.0.0/4", "ff00::/8"]),
  range("broadcast", "the broadcast address", ["255.255.255.255/32"]),
  range("documentation", "an address for documentation", [
    "192.0.2.0/24",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "2001:db8::/32",
    "3fff::/20",
  ]),
  range("benchmarking", "an address for benchmarks", ["198.18.0.0/15", "2001:2::/48"]),
  range("translated", "an IPv4 address wrapped for local translation", ["64:ff9b:1::/48", "::ffff:0:0:0/96"]),
  range("tunnel", "an address of a tunnel (6to4 or Teredo)", ["192.88.99.0/24", "2002::/16", "2001::/32"]),
  range("ipv4-compatible", "an IPv4-compatible IPv6 address", ["::/96"]),
  range("protocol", "an address that a protocol reserves", [
    "192.0.0.0/24",
    "192.31.196.0/24",
    "192.52.193.0/24",
    "192.175.48.0/24",
    "2001::/23",
    "2620:4f:8000::/48",
  ]),
  range("reserved", "a reserved address", ["240.0.0.0/4"]),
] as const;

const reservedV6: Range = { rule: "reserved", words: "a reserved address", networks: [] };

/** IPv6 addresses that may be public at all: global unicast, and NAT64's well-known prefix. */
const publicV6 = ["2000::/3", "64:ff9b::/96"].map(readNetwork);

/** The special range that an address lies in; `undefined` for a public one. */
export function specialRangeOf(address: Address): Range | undefined {
  const found = ranges.find(({ networks }) => networks.some((network) => holds(network, address)));
  if (found !== undefined || address.kind() === "ipv4") return found;
  return publicV6.some((network) => holds(network, address)) ? undefined : reservedV6;
}

function range(rule: string, words: string, networks: readonly string[]): Range {
  return { rule, words, networks: networks.map(readNetwork) };
}
