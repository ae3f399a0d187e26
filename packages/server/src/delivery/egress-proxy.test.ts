import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "../clock.ts";
import { type Certificate, makeAuthority, makeCertificate } from "../testing/certificates.ts";
import { openTestProxy, type TestProxy } from "../testing/egress-proxy.ts";
import { openReceiver, type Receiver } from "../testing/receiver.ts";
import { openTlsReceiver } from "../testing/tls-receiver.ts";
import { settled, virtualClock } from "../testing/virtual-clock.ts";
import { openRawServer } from "../testing/listening.ts";
import { connectLimits } from "./egress-connect.ts";
import { openEgress } from "./egress.ts";
import type { Egress, EgressAnswer } from "./egress-port.ts";
import { type EgressProxy, parseProxy } from "./egress-proxy.ts";
import { parseAllow } from "./guard-allow.ts";
import { forbiddenAnswers, forbiddenUrls } from "./guard-vectors.ts";

const opened: { close(): Promise<void> }[] = [];
const publicAddress = "93.184.215.14";
let authority: Certificate;

beforeAll(async () => {
  authority = await makeAuthority("ours");
});

afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

function kept<One extends { close(): Promise<void> }>(one: One): One {
  opened.push(one);
  return one;
}

type Given = { leadsTo?: readonly string[]; allow?: string; clock?: typeof systemClock };

function open(
  proxy: EgressProxy,
  { leadsTo = [publicAddress], allow = "", clock = systemClock }: Given = {},
): Egress {
  const allowed = parseAllow(allow);
  if (allowed.kind === "faults") throw new Error(allowed.faults.join());
  const lookup = async () => leadsTo.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
  return kept(openEgress({ rules: allowed.rules, clock, lookup, proxy }));
}

const at = ({ port }: { port: number }, text = "http://127.0.0.1"): EgressProxy => {
  const parsed = parseProxy(`${text}:${port}`);
  if (parsed.kind === "fault") throw new Error(parsed.fault);
  return parsed.proxy;
};

function post(egress: Egress, url: string, tls?: { ca: string }): Promise<EgressAnswer> {
  const limits = { timeoutMs: 60_000, answerBytesMax: 1_000, overLimit: "cut", repeatable: true } as const;
  return egress.send({ url, method: "POST", headers: {}, body: "{}", ...limits, tls });
}

async function setUp(given: Parameters<typeof openTestProxy>[0] = {}): Promise<[TestProxy, Receiver]> {
  return [kept(await openTestProxy(given)), kept(await openReceiver())];
}

describe("through the proxy", () => {
  test("http goes to the address that was checked, with the host kept, on one connection", async () => {
    const [proxy, receiver] = await setUp();
    const egress = open(at(proxy));
    const url = `http://hook.example:${receiver.port}/hook`;
    for (let time = 0; time < 2; time += 1) {
      expect(await post(egress, url)).toMatchObject({ kind: "answered", status: 200 });
      await settled();
    }
    expect(proxy.asked).toEqual([
      { method: "CONNECT", authority: `${publicAddress}:${receiver.port}`, authorization: undefined },
    ]);
    expect(receiver.requests[0]).toMatchObject({
      path: "/hook",
      headers: { host: `hook.example:${receiver.port}` },
    });
  });

  test("https is spoken with the receiver itself, which is verified by its name", async () => {
    const certificate = await makeCertificate({ name: "hook.example", by: authority });
    const proxy = kept(await openTestProxy());
    const receiver = kept(await openTlsReceiver(certificate));
    const egress = open(at(proxy));
    const [url, other] = ["hook", "other"].map((name) => `https://${name}.example:${receiver.port}/`);
    const tls = { ca: authority.cert };
    expect(await post(egress, url ?? "", tls)).toMatchObject({
      kind: "answered",
      phases: { tlsMs: expect.any(Number) },
    });
    expect(await post(egress, other ?? "", tls)).toMatchObject({ code: "ERR_TLS_CERT_ALTNAME_INVALID" });
    expect(proxy.asked.map(({ authority: where }) => where)).toEqual(
      Array.from({ length: 2 }, () => `${publicAddress}:${receiver.port}`),
    );
  });

  test("IPv6 is written in brackets", async () => {
    const [proxy, receiver] = await setUp();
    await post(open(at(proxy), { leadsTo: ["2606:4700::1111"] }), `http://hook.example:${receiver.port}/`);
    expect(proxy.asked[0]?.authority).toBe(`[2606:4700::1111]:${receiver.port}`);
  });

  test("the fetch of model clients goes too", async () => {
    const [proxy, receiver] = await setUp();
    const answer = await open(at(proxy)).fetch(`http://model.example:${receiver.port}/`);
    expect([answer.status, proxy.asked.length]).toEqual([200, 1]);
  });

  test("what the guard refuses is not asked of it: no URL, no answer of the DNS", async () => {
    const [proxy, receiver] = await setUp();
    const urls = Object.values(forbiddenUrls).flat();
    const egress = open(at(proxy), { leadsTo: ["127.0.0.1"] });
    for (const vector of urls) {
      const url = vector.replace("{port}", String(receiver.port));
      expect([url, await post(egress, url)]).toMatchObject([url, { kind: "forbidden" }]);
    }
    for (const [rule, answer] of forbiddenAnswers) {
      const mixed = open(at(proxy), { leadsTo: answer });
      const forbidden = await post(mixed, `http://hook.example:${receiver.port}/`);
      expect(forbidden).toMatchObject({ kind: "forbidden", code: rule });
    }
    expect([proxy.asked.length, receiver.connections()]).toEqual([0, 0]);
  });

  test("a name that we cannot look up is not left to the proxy, unless the operator allows it by name", async () => {
    const [proxy, receiver] = await setUp();
    const url = `http://hooks.corp.example:${receiver.port}/`;
    expect(await post(open(at(proxy), { leadsTo: [] }), url)).toMatchObject({ code: "ENOTFOUND" });
    expect(proxy.asked).toHaveLength(0);
    const allowed = open(at(proxy), { leadsTo: [], allow: "*.corp.example" });
    expect(await post(allowed, url)).toMatchObject({ kind: "answered" });
    expect(proxy.asked[0]?.authority).toBe(`hooks.corp.example:${receiver.port}`);
  });
});

describe("a proxy", () => {
  const authorization = `Basic ${Buffer.from("us er:p@ss").toString("base64")}`;

  test("is told who we are, and nobody else is", async () => {
    const [proxy, receiver] = await setUp({ authorization });
    const egress = open(at(proxy, "http://us%20er:p%40ss@127.0.0.1"));
    expect(await post(egress, `http://hook.example:${receiver.port}/`)).toMatchObject({ kind: "answered" });
    expect(JSON.stringify(receiver.requests)).not.toMatch(/proxy-authorization|Basic/iu);
  });

  test.each([
    [
      "wants other credentials",
      { authorization },
      "Basic wrong-1",
      /answered 407 to CONNECT: it wants a user and a password/u,
    ],
    ["refuses", { status: 403 }, undefined, /the egress proxy answered 403 to CONNECT/u],
  ])("that %s is said to", async (_what, given, own, detail) => {
    const [proxy, receiver] = await setUp(given);
    const url = `http://hook.example:${receiver.port}/`;
    const answer = await post(open({ ...at(proxy), authorization: own }), url);
    expect(answer).toMatchObject({
      kind: "unreachable",
      code: "proxy-refused",
      connected: false,
      detail: expect.stringMatching(detail),
    });
    expect(JSON.stringify(answer)).not.toContain("wrong-1");
    expect(receiver.connections()).toBe(0);
  });

  test("that is not there is said to be missing, without its credentials", async () => {
    const gone = await openTestProxy();
    await gone.close();
    const answer = await post(open(at(gone, "http://user:hidden-1@127.0.0.1")), "http://hook.example/");
    expect(answer).toMatchObject({
      code: "proxy-unreachable",
      detail: expect.stringContaining("cannot be reached"),
    });
    expect(JSON.stringify(answer)).not.toContain("hidden-1");
  });

  test("that never answers has the ceiling of every connection", async () => {
    const silent = kept(await openRawServer(() => {}, "127.0.0.1"));
    const clock = virtualClock();
    const answer = post(open(at(silent), { clock }), "http://hook.example/");
    await expect.poll(() => silent.received.length).toBe(1);
    await clock.advance(connectLimits.connectMsMax);
    expect(await answer).toMatchObject({ kind: "unreachable", code: "connect-timed-out" });
  });
});

describe("OFFHOOK_EGRESS_PROXY", () => {
  test.each([
    ["http://proxy.example:3128", { host: "proxy.example", port: 3128, authorization: undefined }],
    ["http://proxy.example", { host: "proxy.example", port: 80, authorization: undefined }],
    ["http://[::1]:3128/", { host: "::1", port: 3128, authorization: undefined }],
    ["http://a:b@10.0.0.1:8080", { host: "10.0.0.1", port: 8080, authorization: "Basic YTpi" }],
  ])("%s is read", (text, proxy) => {
    expect(parseProxy(text)).toEqual({ kind: "proxy", proxy });
  });

  test.each([
    ["proxy.example:3128", "not a URL"],
    ["https://user:hidden-2@proxy.example", "only a proxy at http://"],
    ["socks5://user:hidden-2@proxy.example", "only a proxy at http://"],
    ["http://user:hidden-2@proxy.example/path", "nothing may follow"],
    ["http://user:hidden-2%@proxy.example", "not followed by two hex digits"],
    ["http://", "not a URL"],
    ["nonsense hidden-2", "not a URL"],
  ])("%s is a fault that does not repeat it", (text, words) => {
    const parsed = parseProxy(text);
    expect(parsed).toMatchObject({ kind: "fault", fault: expect.stringContaining(words) });
    expect(JSON.stringify(parsed)).not.toContain("hidden-2");
  });
});
