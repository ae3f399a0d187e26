import { afterEach, describe, expect, test } from "vitest";
import { systemClock } from "../clock.ts";
import { makeCertificate } from "../testing/certificates.ts";
import { openRawServer } from "../testing/listening.ts";
import { openReceiver } from "../testing/receiver.ts";
import { openTlsReceiver } from "../testing/tls-receiver.ts";
import { settled, virtualClock } from "../testing/virtual-clock.ts";
import { openEgress } from "./egress.ts";
import type { Lookup } from "./egress-lookup.ts";
import { type Egress, type EgressAnswer, noPhases } from "./egress-port.ts";
import { parseAllow } from "./guard-allow.ts";

const opened: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

function kept<One extends { close(): Promise<void> }>(one: One): One {
  opened.push(one);
  return one;
}

const home: Lookup = async () => [{ address: "127.0.0.1", family: 4 }];

function open({
  clock = systemClock,
  lookup = home,
}: { clock?: typeof systemClock; lookup?: Lookup } = {}): Egress {
  const allowed = parseAllow("loopback");
  if (allowed.kind === "faults") throw new Error("loopback is known");
  return kept(openEgress({ rules: allowed.rules, clock, lookup }));
}

async function post(egress: Egress, url: string, tls?: { ca: string }): Promise<EgressAnswer> {
  const limits = {
    timeoutMs: 60_000,
    answerBytesMax: 1_000,
    overLimit: "cut",
    repeatable: true,
    tls,
  } as const;
  const answer = await egress.send({ url, method: "POST", headers: {}, body: "{}", ...limits });
  await settled();
  return answer;
}

const some = expect.any(Number);

describe("the time of an exchange is told by its phases", () => {
  test("a name over http: all but TLS; then, on the connection that is open, only the answer", async () => {
    const { port, connections } = kept(await openReceiver());
    const egress = open();
    const url = `http://hook.example:${port}/`;
    const first = await post(egress, url);
    expect(first.phases).toEqual({ dnsMs: some, connectMs: some, tlsMs: null, firstByteMs: some });
    const second = await post(egress, url);
    expect(second.phases).toEqual({ ...noPhases, firstByteMs: some });
    expect(connections()).toBe(1);
  });

  test("an address has no DNS", async () => {
    const { url } = kept(await openReceiver());
    expect((await post(open(), url)).phases).toEqual({ ...noPhases, connectMs: some, firstByteMs: some });
  });

  test("https has a handshake, also one that fails", async () => {
    const certificate = await makeCertificate({ name: "hook.example" });
    const { port } = kept(await openTlsReceiver(certificate));
    const url = `https://hook.example:${port}/`;
    const whole = { dnsMs: some, connectMs: some, tlsMs: some, firstByteMs: some };
    expect((await post(open(), url, { ca: certificate.cert })).phases).toEqual(whole);
    expect((await post(open(), url)).phases).toEqual({ ...whole, tlsMs: null, firstByteMs: null });
  });

  test("a look-up of 3 s and an answer of 1.5 s, each in its place", async () => {
    const clock = virtualClock();
    const receiver = kept(await openReceiver({ clock, script: [{ act: "answer", delayMs: 1_500 }] }));
    const slow: Lookup = (host) => new Promise((resolve) => clock.after(3_000, () => resolve(home(host))));
    const answer = post(open({ clock, lookup: slow }), `http://hook.example:${receiver.port}/`);
    await clock.advance(3_000);
    await receiver.arrived(1);
    await settled();
    await clock.advance(1_500);
    const { phases, elapsedMs } = await answer;
    expect(phases).toEqual({ dnsMs: 3_000, connectMs: 0, tlsMs: null, firstByteMs: 1_500 });
    expect(elapsedMs).toBe(4_500);
  });

  test("a failure has those that came about", async () => {
    const clock = virtualClock();
    const never: Lookup = () => new Promise(() => {});
    const unknown = post(open({ clock, lookup: never }), "http://hook.example/");
    await clock.advance(60_000);
    expect((await unknown).phases).toEqual(noPhases);
    const reset = kept(
      await openRawServer((socket) => socket.once("data", () => socket.destroy()), "127.0.0.1"),
    );
    const cut = await post(open(), `http://hook.example:${reset.port}/`);
    expect(cut).toMatchObject({
      kind: "unreachable",
      phases: { dnsMs: some, connectMs: some, firstByteMs: null },
    });
    const forbidden = await post(open(), "http://10.0.0.1/");
    expect(forbidden).toMatchObject({ kind: "forbidden", phases: noPhases, elapsedMs: 0 });
  });
});
