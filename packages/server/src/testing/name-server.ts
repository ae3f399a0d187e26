import { createSocket, type RemoteInfo } from "node:dgram";
import { Resolver } from "node:dns/promises";
import { isIPv4, isIPv6 } from "node:net";
import { decode, encode, type Packet } from "dns-packet";
import type { Lookup } from "../delivery/egress-lookup.ts";

/** The addresses that a name leads to, when it is asked for the n-th time (from 1). None: there is no such name. */
export type Zone = (name: string, time: number) => readonly string[];

export type NameServer = {
  /** Asks this server, as the system's look-up asks its own. */
  lookup: Lookup;
  /** Names, in the order in which they were looked up. */
  asked: readonly string[];
  close: () => Promise<void>;
};

/** A name server of the test's own: it speaks DNS over UDP and says what it likes. */
export async function openNameServer(zone: Zone): Promise<NameServer> {
  const socket = createSocket("udp4");
  const asked: string[] = [];
  /** What was decided for a look-up, as A and AAAA are asked for one after the other. */
  const answers = new Map<string, readonly string[]>();
  socket.on("message", (bytes, from) => reply(bytes, from));
  const reply = (bytes: Buffer, from: RemoteInfo): void => {
    const query = decode(bytes);
    const answer = encode(answerTo(query, (name) => answers.get(name) ?? []));
    socket.send(answer, from.port, from.address);
  };
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", () => resolve()));
  const resolver = new Resolver({ timeout: 2_000, tries: 2 });
  resolver.setServers([`127.0.0.1:${socket.address().port}`]);
  return {
    asked,
    async lookup(host) {
      asked.push(host);
      const time = asked.filter((name) => name === host).length;
      answers.set(host, zone(host, time));
      const found = await Promise.all([
        resolver.resolve4(host).catch(() => []),
        resolver.resolve6(host).catch(() => []),
      ]);
      return found.flat().map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }));
    },
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

function answerTo(query: Packet, addressesOf: (name: string) => readonly string[]): Packet {
  const { id, questions = [] } = query;
  const [question] = questions;
  if (question === undefined) return { type: "response", ...(id === undefined ? {} : { id }) };
  const { name, type } = question;
  const isWanted = type === "AAAA" ? isIPv6 : isIPv4;
  const data = addressesOf(name).filter(isWanted);
  return {
    type: "response",
    ...(id === undefined ? {} : { id }),
    // Recursion is available: there is nobody else to ask.
    flags: 0x80,
    questions,
    answers: data.map((address) =>
      type === "AAAA"
        ? { type: "AAAA", name, ttl: 0, data: address }
        : { type: "A", name, ttl: 0, data: address },
    ),
  };
}
