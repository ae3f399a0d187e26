import ipaddr from "ipaddr.js";
import { type Address, holds, type Network, readNetwork } from "./guard-ranges.ts";

/** Where an IPv6 address of a kind holds an IPv4 address: the places of its four bytes. */
type Embedding = {
  network: Network;
  places: readonly number[];
  written?: "inverted" | "in one of several places" | "unless it is :: or ::1";
};

const lastFour = [12, 13, 14, 15];

const embeddings: readonly Embedding[] = [
  { network: readNetwork("::/96"), places: lastFour, written: "unless it is :: or ::1" },
  { network: readNetwork("::ffff:0:0/96"), places: lastFour },
  { network: readNetwork("::ffff:0:0:0/96"), places: lastFour },
  { network: readNetwork("64:ff9b::/96"), places: lastFour },
  // NAT64 with a prefix of one's own, in the places that RFC 6052 gives to /96, /64, /56 and /48.
  ...[lastFour, [9, 10, 11, 12], [7, 9, 10, 11], [6, 7, 9, 10]].map((places) => ({
    network: readNetwork("64:ff9b:1::/48"),
    places,
    written: "in one of several places" as const,
  })),
  // 6to4, then Teredo's server and its client.
  { network: readNetwork("2002::/16"), places: [2, 3, 4, 5] },
  { network: readNetwork("2001::/32"), places: [4, 5, 6, 7] },
  { network: readNetwork("2001::/32"), places: lastFour, written: "inverted" },
];

/** Interface identifiers of ISATAP (RFC 5214), which may stand behind any prefix. */
const isatap = [
  [0x0000, 0x5efe],
  [0x0200, 0x5efe],
] as const;

/** The IPv4 addresses that an IPv6 address may be standing for. */
export function embeddedIn(address: Address): ipaddr.IPv4[] {
  if (!(address instanceof ipaddr.IPv6)) return [];
  const bytes = address.toByteArray();
  const found = embeddings.filter(
    (embedding) => holds(embedding.network, address) && isPlausible(bytes, embedding),
  );
  const places = isIsatap(address) ? [...found, { places: lastFour }] : found;
  return places.map((embedding) => pick(bytes, embedding));
}

function pick(
  bytes: readonly number[],
  { places, written }: Pick<Embedding, "places" | "written">,
): ipaddr.IPv4 {
  return new ipaddr.IPv4(places.map((place) => (bytes[place] ?? 0) ^ (written === "inverted" ? 0xff : 0)));
}

/** Of several places, those cannot be meant that hold nothing, or have something behind them. */
function isPlausible(bytes: readonly number[], { places, written }: Embedding): boolean {
  if (written === "unless it is :: or ::1")
    return places.some((place, index) => (bytes[place] ?? 0) > (index === 3 ? 1 : 0));
  if (written !== "in one of several places") return true;
  const behind = bytes.slice((places.at(-1) ?? 0) + 1);
  return places.some((place) => bytes[place] !== 0) && behind.every((byte) => byte === 0);
}

function isIsatap(address: ipaddr.IPv6): boolean {
  return isatap.some(([high, low]) => address.parts[4] === high && address.parts[5] === low);
}
