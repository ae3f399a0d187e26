import { describe, expect, test } from "vitest";
import type { z } from "zod";
import { faultsOf } from "./faults.ts";
import { mask } from "./secrecy.ts";
import { assistantServer, defaultTells, headers, serverAddress, toolServer } from "./server.ts";
import { tellTypes } from "./words.ts";

const url = "https://app.example/events";

function faults(schema: z.ZodType, given: unknown) {
  const read = schema.safeParse(given);
  return read.success ? [] : faultsOf(read.error);
}

describe("an assistant's Server URL", () => {
  test("has the contract's defaults", () => {
    expect(assistantServer.parse({ url })).toEqual({
      enabled: true,
      url,
      timeoutSeconds: 20,
      headers: {},
      messages: ["status-update", "conversation-update", "hang", "error", "end-of-call-report"],
      format: "2025-04",
      auth: "signature",
    });
  });

  test("tells by default all but what is ours alone", () => {
    expect(tellTypes.filter((type) => !defaultTells.some((one) => one === type))).toEqual([
      "hang-recovered",
      "analysis-updated",
    ]);
  });

  test.each<[string, Record<string, unknown>]>([
    ["when it is not enabled, needs no address and no message", { enabled: false, messages: [] }],
    ["may be one the vendor leaves empty", { enabled: false, url: "", secret: "" }],
    ["may have a plain secret", { url, secret: "my-interactly-secret" }],
    ["may have a secret of Standard Webhooks", { url, secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" }],
    ["may hear of one thing only", { url, messages: ["hang-recovered"] }],
    ["may have the present format, and both kinds of proof", { url, format: "2026-03", auth: "both" }],
    ["may have headers", { url, headers: { Authorization: "Bearer x", "x-empty": "" } }],
    ["may wait for 60 s", { url, timeoutSeconds: 60 }],
    ["keeps what we do not know", { url, backoffPlan: { maxRetries: 3 } }],
  ])("%s", (_, given) => {
    expect(faults(assistantServer, given)).toEqual([]);
  });

  test('has no address and no secret where the vendor writes ""', () => {
    const read = assistantServer.parse({ enabled: false, url: "", secret: "" });
    expect([read.url, read.secret]).toEqual([undefined, undefined]);
  });

  test.each<[string, Record<string, unknown>, string, RegExp]>([
    ["no address", {}, "/url", /^an enabled server needs a url$/u],
    ["an empty address", { url: "" }, "/url", /^an enabled server needs a url$/u],
    ["nothing to tell", { url, messages: [] }, "/messages", /^subscribe to at least one message type$/u],
    [
      "an unknown message",
      { url, messages: ["hang", "transcript"] },
      "/messages/1",
      /"status-update"\|"conversation-update"/u,
    ],
    [
      "no time to answer",
      { url, timeoutSeconds: 0.5 },
      "/timeoutSeconds",
      /^Too small: expected number to be >=1$/u,
    ],
    [
      "more than 60 s to answer",
      { url, timeoutSeconds: 61 },
      "/timeoutSeconds",
      /^Too big: expected number to be <=60$/u,
    ],
    ["a short secret", { url, secret: "1234567" }, "/secret", /^at least 8 characters$/u],
    ["a secret of 513 characters", { url, secret: "a".repeat(513) }, "/secret", /^Too big/u],
    [
      "the mask for a secret",
      { url, secret: mask },
      "/secret",
      /^this is the mask of a secret: send the secret itself/u,
    ],
    [
      "a whsec_ secret that is not base64",
      { url, secret: "whsec_not base64!" },
      "/secret",
      /^after whsec_ a secret is base64/u,
    ],
    ["an unknown format", { url, format: "2024-01" }, "/format", /"2025-04"\|"2026-03"/u],
    ["an unknown proof", { url, auth: "basic" }, "/auth", /"signature"\|"header"\|"both"/u],
    [
      "a header with a blank in its name",
      { url, headers: { "x y": "1" } },
      "/headers/x y",
      /^not a header name/u,
    ],
    ["a header without a name", { url, headers: { "": "1" } }, "/headers/", /^not a header name/u],
    [
      "a header that would begin another",
      { url, headers: { a: "1\r\nhost: x" } },
      "/headers/a",
      /no line breaks/u,
    ],
    ["a header with emoji", { url, headers: { a: "🙂" } }, "/headers/a", /beyond Latin-1/u],
    [
      "the mask for a header",
      { url, headers: { authorization: mask } },
      "/headers/authorization",
      /^this is the mask of a secret/u,
    ],
    ["a header that is a number", { url, headers: { a: 5 } }, "/headers/a", /expected string/u],
  ])("is refused with %s", (_, given, path, message) => {
    expect(faults(assistantServer, given)).toEqual([{ path, message: expect.stringMatching(message) }]);
  });

  test.each(["whsec_", "whsec_====", "whsec_  "])(
    "is refused with the secret %j, which has no key in it",
    (secret) => {
      expect(faults(assistantServer, { url, secret }).map(({ path }) => path)).toContain("/secret");
    },
  );
});

describe("an address", () => {
  test.each([
    "https://app.example",
    "http://localhost:8080/hook?team=1#part",
    "https://[2001:db8::1]:8443/",
    "https://xn--mnchen-3ya.example/",
    "https://münchen.example/straße",
    "HTTPS://APP.EXAMPLE",
  ])("%s is one", (text) => {
    expect(faults(serverAddress, text)).toEqual([]);
  });

  test.each<[string, RegExp]>([
    ["", /^not a URL: write it in full/u],
    ["app.example/hook", /^not a URL/u],
    ["/hook", /^not a URL/u],
    ["https://", /^not a URL/u],
    ["https://app.example:99999", /^not a URL/u],
    ["ftp://app.example", /^only http and https$/u],
    ["file:///etc/passwd", /^only http and https$/u],
    ["javascript:alert(1)", /^only http and https$/u],
    ["data:text/plain,x", /^only http and https$/u],
    ["ws://app.example", /^only http and https$/u],
    ["https://user:password@app.example", /^no user name or password in the URL/u],
    ["https://user@app.example", /^no user name or password in the URL/u],
    ["https://:password@app.example", /^no user name or password in the URL/u],
    [`https://app.example/${"a".repeat(2_048)}`, /^Too big/u],
  ])("%s is none that may be called", (text, message) => {
    expect(faults(serverAddress, text)).toEqual([{ path: "", message: expect.stringMatching(message) }]);
  });
});

describe("a tool's server", () => {
  test("has the contract's defaults", () => {
    expect(toolServer.parse({ url })).toEqual({ url, method: "POST", timeoutSeconds: 20, headers: {} });
  });

  test.each([1, 600])("may wait for %d s", (timeoutSeconds) => {
    expect(faults(toolServer, { url, timeoutSeconds })).toEqual([]);
  });

  test("needs an address", () => {
    expect(faults(toolServer, {})).toEqual([{ path: "/url", message: "is missing: expected string" }]);
    expect(faults(toolServer, { url: "" })).toHaveLength(1);
  });
});

describe("headers", () => {
  test("have names of the characters that RFC 9110 allows, and no others", () => {
    const printable = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code));
    const allowed = printable.filter((name) => headers.safeParse({ [name]: "" }).success).join("");
    expect(allowed).toBe("!#$%&'*+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ^_`abcdefghijklmnopqrstuvwxyz|~");
  });

  test("have values of the characters that RFC 9110 allows, and no others", () => {
    const codes = Array.from({ length: 512 }, (_, code) => code);
    const allowed = codes.filter((code) => headers.safeParse({ a: String.fromCharCode(code) }).success);
    const wanted = codes.filter(
      (code) => code === 9 || (code >= 32 && code <= 126) || (code >= 128 && code <= 255),
    );
    expect(allowed).toEqual(wanted);
  });
});

describe("TLS of a server's own", () => {
  const pem = (what: string): string => `-----BEGIN ${what}-----\nMIIB\n-----END ${what}-----\n`;
  const cert = pem("CERTIFICATE");
  const key = pem("PRIVATE KEY");

  test.each<[string, Record<string, unknown>]>([
    ["nothing", {}],
    ["an authority", { ca: cert }],
    ["several", { ca: cert + cert }],
    ["a certificate with its key", { cert, key }],
    ["an older form of key", { cert, key: pem("EC PRIVATE KEY") }],
  ])("may be %s, for both kinds of server", (_what, tls) => {
    expect(faults(assistantServer, { url, tls })).toEqual([]);
    expect(faults(toolServer, { url, tls })).toEqual([]);
  });

  test.each<[string, Record<string, unknown>, string, RegExp]>([
    ["a certificate without a key", { cert }, "/tls/key", /^a certificate needs its private key$/u],
    ["a key without a certificate", { key }, "/tls/cert", /^a private key needs its certificate$/u],
    ["no PEM", { ca: "MIIB" }, "/tls/ca", /BEGIN CERTIFICATE/u],
    ["a key in place of a certificate", { ca: key }, "/tls/ca", /BEGIN CERTIFICATE/u],
    ["a certificate in place of a key", { cert, key: cert }, "/tls/key", /BEGIN PRIVATE KEY/u],
    ["a key with a passphrase", { cert, key: pem("ENCRYPTED PRIVATE KEY") }, "/tls/key", /without one$/u],
    ["the mask of a key", { cert, key: mask }, "/tls/key", /the mask of a secret/u],
    ["an unknown field", { verify: false }, "/tls", /verify/u],
    ["more than 64 KiB", { ca: pem(`CERTIFICATE-----${"x".repeat(70_000)}`) }, "/tls/ca", /65536/u],
  ])("is not %s", (_what, tls, path, words) => {
    for (const schema of [assistantServer, toolServer])
      expect(faults(schema, { url, tls })).toContainEqual({ path, message: expect.stringMatching(words) });
  });

  test("is for https only, and says nothing about a URL that is none", () => {
    const misfit = { path: "/tls", message: "certificates are for https, and this url is http" };
    const tls = { ca: cert };
    expect(faults(toolServer, { url: "http://app.example/", tls })).toEqual([misfit]);
    expect(faults(assistantServer, { url: "http://app.example/", tls })).toEqual([misfit]);
    expect(faults(toolServer, { url: "nonsense", tls }).map(({ path }) => path)).toEqual(["/url"]);
  });
});
