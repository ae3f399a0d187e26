import { isIP } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { systemClock } from "../clock.ts";
import { type NameServer, openNameServer, type Zone } from "../testing/name-server.ts";
import { openRawServer, type RawServer } from "../testing/listening.ts";
import { openEgress } from "./egress.ts";
import type { Egress, EgressRequest } from "./egress-port.ts";
import { type GuardRules, parseAllow, publicOnly } from "./guard-allow.ts";
import { forbiddenAnswers, forbiddenUrls } from "./guard-vectors.ts";

/** Everything here asks a real name server over UDP, and a listener on every address of this machine counts who comes. */
let trap: RawServer;
const opened: { close(): Promise<void> }[] = [];

beforeEach(async () => {
  const answer = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
  trap = await openRawServer((socket) => socket.end(answer));
  opened.push(trap);
});

afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

async function open(zone: Zone, rules: GuardRules = publicOnly): Promise<Egress & { names: NameServer }> {
  const names = await openNameServer(zone);
  const egress = openEgress({ rules, clock: systemClock, lookup: names.lookup });
  opened.push(names, egress);
  return { ...egress, names };
}

function allow(text: string): GuardRules {
  const parsed = parseAllow(text);
  if (parsed.kind === "faults") throw new Error(parsed.faults.join("; "));
  return parsed.rules;
}

const post = (host: string): EgressRequest => ({
  url: `http://${host}:${trap.port}/`,
  method: "POST",
  headers: { connection: "close" },
  body: "{}",
  timeoutMs: 5_000,
  answerBytesMax: 65_536,
  overLimit: "cut",
  repeatable: true,
});

/** Answers that DNS can give at all: an address with a zone, or a word, is no record. */
const answers = forbiddenAnswers.filter(([, answer]) =>
  answer.every((address) => isIP(address) > 0 && !address.includes("%")),
);
/** Hosts that are addresses, whose names would lead somewhere else. */
const literals = Object.values(forbiddenUrls)
  .flat()
  .flatMap((url) => URL.parse(url.replace("{port}", "80"))?.hostname ?? [])
  .map((host) => host.replace(/^\[(.*)\]$/u, "$1"))
  .filter((host) => isIP(host) > 0);
const addresses = [...new Set(literals)];
const publicAddress = "93.184.215.14";

describe("names of a name server of our own", () => {
  test(`${answers.length} forbidden answers: 0 reach the listener`, async () => {
    const egress = await open((name) => answers[Number(/\d+/u.exec(name)?.[0])]?.[1] ?? []);
    for (const [index, [rule]] of answers.entries()) {
      const host = `name-${index}.example`;
      expect([host, await egress.send(post(host))]).toMatchObject([host, { kind: "forbidden", code: rule }]);
      await expect(egress.fetch(post(host).url)).rejects.toMatchObject({ cause: { refusal: { rule } } });
    }
    expect([trap.connections(), egress.names.asked.length]).toEqual([0, answers.length * 2]);
  });

  test(`${addresses.length} forbidden addresses, each alone and behind a public one: 0 reach the listener`, async () => {
    const egress = await open((name) => {
      const address = addresses[Number(/\d+/u.exec(name)?.[0])] ?? "";
      return name.startsWith("mixed") ? [publicAddress, "2606:4700::1111", address] : [address];
    });
    for (const [index, address] of addresses.entries()) {
      for (const host of [`alone-${index}.example`, `mixed-${index}.example`]) {
        expect([address, await egress.send(post(host))]).toMatchObject([address, { kind: "forbidden" }]);
      }
    }
    expect(trap.connections()).toBe(0);
  });

  test("that change between check and connect are asked once for a connection, and checked at each anew", async () => {
    const rules = allow("127.0.0.1");
    const egress = await open((_name, time) => (time % 2 === 1 ? ["127.0.0.1"] : ["127.0.0.2"]), rules);
    const kinds = [];
    for (let time = 0; time < 40; time += 1) kinds.push((await egress.send(post("turns.example"))).kind);
    expect(kinds).toEqual(
      Array.from({ length: 40 }, (_, time) => (time % 2 === 0 ? "answered" : "forbidden")),
    );
    // One connection for each good answer, none for the others.
    expect([trap.connections(), egress.names.asked.length]).toEqual([20, 40]);
  });

  test("that were good when they were saved are refused when they are called", async () => {
    const egress = await open((_name, time) => (time === 1 ? [publicAddress] : ["127.0.0.1"]));
    expect((await egress.names.lookup("saved.example")).map(({ address }) => address)).toEqual([
      publicAddress,
    ]);
    for (let time = 0; time < 5; time += 1)
      expect(await egress.send(post("saved.example"))).toMatchObject({ kind: "forbidden", code: "loopback" });
    expect(trap.connections()).toBe(0);
  });

  test("that say nothing are unreachable", async () => {
    const egress = await open(() => []);
    expect(await egress.send(post("nothing.example"))).toMatchObject({
      kind: "unreachable",
      code: "ENOTFOUND",
    });
  });

  test("would reach the listener without the guard", async () => {
    const egress = await open(() => ["127.0.0.1"], allow("0.0.0.0/0 ::/0"));
    expect(await egress.send(post("open.example"))).toMatchObject({ kind: "answered" });
    expect(trap.connections()).toBe(1);
  });
});
