import { sign as protocolSign, verify } from "@offhook/protocol";
import { Webhook } from "standardwebhooks";
import { describe, expect, test } from "vitest";
import { systemClock } from "../clock.ts";
import { systemRandom } from "../random.ts";
import { seededRandom } from "../testing/seeded-random.ts";
import { newTraceparent, type Outgoing, secretFault, signature, signedHeaders } from "./sign.ts";

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const nowMs = systemClock.now();

function outgoing(
  over: Partial<Omit<Outgoing, "server">> & { server?: Partial<Outgoing["server"]> } = {},
): Outgoing {
  const { server, ...rest } = over;
  return {
    id: "evt_TC-1_1",
    body: '{"message":{}}',
    nowMs,
    attempt: 1,
    traceparent: newTraceparent(systemRandom),
    ...rest,
    server: { secret, headers: {}, auth: "signature", ...server },
  };
}

describe("the signature", () => {
  test.each(['{"message":{"text":"Olá, 你好 🙂"}}', "", "x".repeat(300_000)])(
    "passes the referee",
    (body) => {
      const headers = signedHeaders(outgoing({ body }));
      const referee = new Webhook(secret);
      expect(() => referee.verify(body === "" ? "" : body, headers)).not.toThrow(/signature/iu);
      expect(() => referee.verify(`${body} `, headers)).toThrow("No matching signature found");
    },
  );

  test("is the same for text and for its bytes", () => {
    const body = '{"text":"Olá 🙂"}';
    const given = { secrets: [secret], id: "a", timestamp: 1, body };
    expect(signature({ ...given, body: Buffer.from(body) })).toBe(signature(given));
  });

  test.each([secret, "plain text secret", "päßwörd-🙂-long", "whsec_AAAA", "whsec-not-a-prefix"])(
    "of %s is the protocol's",
    async (one) => {
      const given = { id: "evt_1", timestamp: 1_700_000_000, body: "{}" };
      expect(signature({ ...given, secrets: [one] })).toBe(await protocolSign({ secret: one, ...given }));
    },
  );

  test("of two secrets is good for either", async () => {
    const timestamp = Math.floor(nowMs / 1_000);
    const both = signature({ secrets: ["old secret", "new secret"], id: "a", timestamp, body: "{}" });
    const headers = { id: "a", timestamp: String(timestamp), signature: both };
    for (const one of ["old secret", "new secret"]) {
      expect(await verify({ secrets: [one], headers, body: "{}", now: nowMs })).toBeUndefined();
    }
    expect(await verify({ secrets: ["another secret"], headers, body: "{}", now: nowMs })).toBe("no-match");
  });

  test("stays right when more secrets are in use than keys are kept", () => {
    const given = { id: "a", timestamp: 1, body: "{}" };
    const first = signature({ ...given, secrets: ["secret 0"] });
    for (let count = 1; count < 3_000; count += 1) signature({ ...given, secrets: [`secret ${count}`] });
    expect(signature({ ...given, secrets: ["secret 0"] })).toBe(first);
  });

  test("a secret that cannot sign has its fault said", () => {
    expect(secretFault("whsec_not base64!")).toContain("not base64");
    expect(secretFault("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")).toBeUndefined();
    expect(secretFault("anything else")).toBeUndefined();
    expect(secretFault(undefined)).toBeUndefined();
  });
});

describe("the headers", () => {
  test("are all of contract 3", () => {
    const headers = signedHeaders(
      outgoing({ nowMs: 1_700_000_000_999, attempt: 3, traceparent: "00-a-b-01" }),
    );
    expect(headers).toEqual({
      "content-type": "application/json",
      "user-agent": expect.stringMatching(/^Offhook\/\d+\.\d+\.\d+/u),
      "accept-encoding": "identity",
      traceparent: "00-a-b-01",
      "webhook-id": "evt_TC-1_1",
      "webhook-timestamp": "1700000000",
      "webhook-signature": expect.stringMatching(/^v1,[A-Za-z0-9+/]{43}=$/u),
      "offhook-attempt": "3",
    });
  });

  test.each([
    ["signature", true, false],
    ["header", false, true],
    ["both", true, true],
  ] as const)("with auth %s: signature %s, shared secret %s", (auth, signed, shared) => {
    const headers = signedHeaders(outgoing({ server: { auth } }));
    expect("webhook-signature" in headers).toBe(signed);
    expect(headers["x-interactly-secret"]).toBe(shared ? secret : undefined);
  });

  test.each(["signature", "header", "both"] as const)("without a secret prove nothing (auth %s)", (auth) => {
    const { secret: _, ...server } = outgoing({ server: { auth } }).server;
    const headers = signedHeaders({ ...outgoing(), server });
    expect(Object.keys(headers).filter((name) => /signature|secret/u.test(name))).toEqual([]);
  });

  test("of the server's own come along, but never in the place of ours", () => {
    const own = {
      Authorization: "Bearer x",
      "X-Trace": "1",
      "Webhook-Id": "evil",
      "WEBHOOK-SIGNATURE": "v1,evil",
      "webhook-timestamp": "0",
      "Offhook-Attempt": "9",
      "x-interactly-secret": "evil",
      "Content-Type": "text/plain",
      "User-Agent": "evil",
      "Accept-Encoding": "gzip",
      Traceparent: "evil",
      Host: "evil",
      "Content-Length": "1",
      Connection: "upgrade",
      "Transfer-Encoding": "chunked",
      Upgrade: "websocket",
      Expect: "100-continue",
      "Keep-Alive": "1",
      TE: "trailers",
    };
    const { secret: _, ...bare } = outgoing().server;
    const headers = signedHeaders({ ...outgoing(), server: { ...bare, headers: own } });
    expect(Object.values(headers)).not.toContain("evil");
    expect(headers).toMatchObject({
      authorization: "Bearer x",
      "x-trace": "1",
      "content-type": "application/json",
    });
    const travelling = [
      "host",
      "content-length",
      "connection",
      "transfer-encoding",
      "upgrade",
      "expect",
      "keep-alive",
      "te",
    ];
    for (const name of [...travelling, "webhook-signature", "x-interactly-secret"])
      expect(headers).not.toHaveProperty(name);
    expect(headers["accept-encoding"]).toBe("identity");
  });

  test("of one request only win over the server's own", () => {
    const server = { headers: { "Offhook-Call-Id": "evil", "offhook-tool-name": "evil" } };
    const headers = signedHeaders(outgoing({ server, extra: { "offhook-call-id": "TC-1" } }));
    expect(headers["offhook-call-id"]).toBe("TC-1");
    expect(headers).not.toHaveProperty("offhook-tool-name");
  });
});

test("a traceparent follows from chance alone, and is never the same twice", () => {
  expect(newTraceparent(seededRandom(7))).toBe(newTraceparent(seededRandom(7)));
  const random = seededRandom(7);
  const made = Array.from({ length: 100 }, () => newTraceparent(random));
  expect(new Set(made).size).toBe(100);
  for (const one of made) expect(one).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/u);
});
