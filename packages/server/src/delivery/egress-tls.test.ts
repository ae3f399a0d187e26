import type { ServerOptions } from "node:https";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import type { ServerTls } from "@offhook/protocol";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "../clock.ts";
import { type Certificate, makeAuthority, makeCertificate } from "../testing/certificates.ts";
import { openTlsReceiver, type TlsReceiver } from "../testing/tls-receiver.ts";
import { failureOf } from "./egress-failure.ts";
import { openEgress } from "./egress.ts";
import type { Egress, EgressAnswer } from "./egress-port.ts";
import { faultsOfTls, identityDigest } from "./egress-tls.ts";

const trusted = getCACertificates();
const opened: { close(): Promise<void> }[] = [];
const name = "hook.example";

let ours: Certificate;
let strange: Certificate;
let good: Certificate;
let alice: Certificate;
let bob: Certificate;

beforeAll(async () => {
  [ours, strange] = await Promise.all([makeAuthority("ours"), makeAuthority("strange")]);
  [good, alice, bob] = await Promise.all([
    makeCertificate({ name, by: ours }),
    makeCertificate({ name: "alice", by: ours }),
    makeCertificate({ name: "bob", by: ours }),
  ]);
});

afterEach(async () => {
  setDefaultCACertificates(trusted);
  for (const one of opened.splice(0)) await one.close();
});

async function receiver(options: ServerOptions): Promise<TlsReceiver> {
  const one = await openTlsReceiver(options);
  opened.push(one);
  return one;
}

function open(): Egress {
  const egress = openEgress({
    rules: { networks: [], names: [name, "other.example"] },
    clock: systemClock,
    lookup: async () => [{ address: "127.0.0.1", family: 4 }],
  });
  opened.push(egress);
  return egress;
}

type Asking = { port: number; tls?: ServerTls; host?: string; close?: boolean };

function ask(egress: Egress, { port, tls, host = name, close = false }: Asking): Promise<EgressAnswer> {
  return egress.send({
    url: `https://${host}:${port}/`,
    method: "POST",
    body: "{}",
    headers: close ? { connection: "close" } : {},
    timeoutMs: 10_000,
    answerBytesMax: 1_000,
    overLimit: "cut",
    repeatable: false,
    tls,
  });
}

const bodyOf = (answer: EgressAnswer): string =>
  answer.kind === "answered" ? Buffer.from(answer.body).toString() : answer.detail;

const chain = (...all: string[]): string => all.join("\n");

const withCa = (): ServerTls => ({ ca: ours.cert });

describe("a certificate", () => {
  test("that nobody vouches for is not accepted", async () => {
    const { port, requests } = await receiver(await makeCertificate({ name }));
    expect(await ask(open(), { port })).toMatchObject({
      kind: "unreachable",
      connected: false,
      code: "DEPTH_ZERO_SELF_SIGNED_CERT",
      detail: expect.stringMatching(/certificate of hook\.example:\d+ is not accepted/u),
    });
    expect(requests).toHaveLength(0);
  });

  test("of an authority of the system's is, for its name, and the session is taken up again", async () => {
    setDefaultCACertificates([...trusted, ours.cert]);
    const { port, requests, resumed } = await receiver(good);
    const egress = open();
    for (let time = 0; time < 2; time += 1)
      expect(await ask(egress, { port, close: true })).toMatchObject({ kind: "answered", status: 200 });
    expect(requests.map(({ host }) => host)).toEqual([`${name}:${port}`, `${name}:${port}`]);
    expect(resumed()).toBe(1);
  });

  test("of an authority of the server's own is accepted by those who know it", async () => {
    const { port } = await receiver(good);
    const egress = open();
    expect(await ask(egress, { port, tls: withCa() })).toMatchObject({ kind: "answered" });
    // The connection that is open now is not for those who trust somebody else.
    expect(await ask(egress, { port })).toMatchObject({ code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE" });
  });

  test("of another authority than the one that was given is not accepted, though the system knows it", async () => {
    setDefaultCACertificates([...trusted, ours.cert]);
    const { port } = await receiver(good);
    expect(await ask(open(), { port, tls: { ca: strange.cert } })).toMatchObject({
      kind: "unreachable",
      detail: expect.stringContaining("is not accepted"),
    });
  });

  test.each([
    ["for another name", { name: "another.example" }, "ERR_TLS_CERT_ALTNAME_INVALID"],
    ["that has run out", { name, until: new Date("2021-01-01T00:00:00Z") }, "CERT_HAS_EXPIRED"],
  ])("%s is not accepted, also with its authority given", async (_what, of, code) => {
    const { port, requests } = await receiver(await makeCertificate({ ...of, by: ours }));
    const answer = await ask(open(), { port, tls: withCa() });
    expect(answer).toMatchObject({
      code,
      connected: false,
      detail: expect.stringContaining("is not accepted"),
    });
    expect(requests).toHaveLength(0);
  });

  test.each(["TLSv1", "TLSv1.1"] as const)("is not asked for over %s", async (version) => {
    const old = { minVersion: version, maxVersion: version, ciphers: "DEFAULT@SECLEVEL=0" };
    const { port } = await receiver({ ...good, ...old });
    expect(await ask(open(), { port, tls: withCa() })).toMatchObject({
      kind: "unreachable",
      connected: false,
      detail: expect.stringContaining("does not speak TLS with us"),
    });
  });
});

describe("a client certificate", () => {
  const demanding = (): ServerOptions => ({
    ...good,
    ca: ours.cert,
    requestCert: true,
    rejectUnauthorized: true,
  });

  test("is shown to a server that wants one", async () => {
    const { port } = await receiver(demanding());
    expect(bodyOf(await ask(open(), { port, tls: { ca: ours.cert, ...alice } }))).toBe("alice");
  });

  test("that is missing leads to no answer", async () => {
    const { port, requests } = await receiver(demanding());
    expect(await ask(open(), { port, tls: withCa() })).toMatchObject({ kind: "unreachable" });
    expect(requests).toHaveLength(0);
  });

  test.each(["ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED", "ERR_SSL_TLSV1_ALERT_UNKNOWN_CA"])(
    "that is wanted by %s is asked for in words",
    (code) => {
      const failure = failureOf(Object.assign(new Error("alert"), { code }), name);
      expect(failure.detail).toContain("wants a client certificate");
    },
  );

  test("is never on a connection of another's: two teams at one origin, by turns, kept open and resumed", async () => {
    const { port, requests } = await receiver({ ...demanding(), rejectUnauthorized: false });
    const egress = open();
    const whos: [string, ServerTls][] = [
      ["alice", { ca: ours.cert, ...alice }],
      ["bob", { ca: ours.cert, ...bob }],
      ["", withCa()],
    ];
    for (let round = 0; round < 6; round += 1)
      for (const [who, tls] of whos)
        expect(bodyOf(await ask(egress, { port, tls, close: round === 3 }))).toBe(who);
    const connectionsOf = (who: string): Set<number> =>
      new Set(requests.filter(({ client }) => client === who).map(({ connection }) => connection));
    const all = whos.map(([who]) => [...connectionsOf(who)]);
    expect(new Set(all.flat()).size).toBe(all.flat().length);
    // Kept open, but for the round that closed them.
    expect(all.map((connections) => connections.length)).toEqual([2, 2, 2]);
  });

  test("that cannot be used is said to be so, and nothing is sent", async () => {
    const { port, requests } = await receiver(demanding());
    const torn = { ...alice, key: bob.key };
    expect(await ask(open(), { port, tls: torn })).toMatchObject({
      kind: "unreachable",
      code: "tls-identity",
      connected: false,
      detail: expect.stringContaining("cannot be used"),
    });
    expect(requests).toHaveLength(0);
  });
});

describe("what is saved", () => {
  const torn = "-----BEGIN CERTIFICATE-----\nMIIBnonsense\n-----END CERTIFICATE-----\n";

  test("is in order when the parts belong together, also with a chain", () => {
    expect(faultsOfTls({})).toEqual([]);
    expect(faultsOfTls({ ca: chain(ours.cert, strange.cert) })).toEqual([]);
    expect(faultsOfTls({ ca: ours.cert, cert: chain(alice.cert, ours.cert), key: alice.key })).toEqual([]);
  });

  test("is at fault by path", () => {
    expect(faultsOfTls({ ca: torn })).toMatchObject([
      { path: "/ca", message: expect.stringMatching(/^certificate 1 /u) },
    ]);
    expect(faultsOfTls({ ca: chain(ours.cert, torn) })).toMatchObject([
      { path: "/ca", message: expect.stringMatching(/^certificate 2 /u) },
    ]);
    expect(faultsOfTls({ ...alice, key: bob.key })).toMatchObject([
      { path: "/key", message: expect.stringContaining("not the key of the first certificate") },
    ]);
    expect(faultsOfTls({ ...alice, key: torn })).toMatchObject([
      { path: "/key", message: expect.stringContaining("cannot be read") },
    ]);
  });

  test("tells identities apart by every part", () => {
    const all = [
      undefined,
      {},
      withCa(),
      { ...alice },
      { ...withCa(), ...alice },
      { ...alice, key: bob.key },
    ];
    expect(new Set(all.map(identityDigest)).size).toBe(all.length);
    expect(identityDigest({ ...alice })).toBe(identityDigest({ ...alice }));
  });
});
