import { describe, expect, test } from "vitest";
import { checkAddress, checkName, checkUrl } from "./guard.ts";
import { type GuardRules, parseAllow, publicOnly } from "./guard-allow.ts";
import { forbiddenAnswers, forbiddenUrls, publicAddresses } from "./guard-vectors.ts";

const vectors = Object.entries(forbiddenUrls).flatMap(([rule, urls]) =>
  urls.map((url) => ({ rule, url: url.replace("{port}", "8080") })),
);

function allow(text: string): GuardRules {
  const parsed = parseAllow(text);
  if (parsed.kind === "faults") throw new Error(parsed.faults.join("; "));
  return parsed.rules;
}

test("there are at least 150 vectors", () => {
  expect(vectors.length + forbiddenAnswers.length).toBeGreaterThanOrEqual(150);
  expect(new Set(vectors.map(({ url }) => url)).size).toBe(vectors.length);
});

test.each(vectors)("$rule refuses $url", ({ rule, url }) => {
  expect(checkUrl(url, publicOnly)).toMatchObject({ kind: "refused", rule });
});

test.each(forbiddenAnswers)("%s refuses a name that leads to %j", (rule, answer) => {
  expect(checkName("hook.example", answer, publicOnly)).toMatchObject({ rule });
});

test.each(publicAddresses)("%s is public", (ip) => {
  expect(checkAddress(ip, publicOnly)).toBeUndefined();
  expect(checkUrl(`http://${ip.includes(":") ? `[${ip}]` : ip}/`, publicOnly).kind).toBe("allowed");
});

test("every refusal of an address says what to do", () => {
  const refused = checkUrl("http://10.1.2.3/hook", publicOnly);
  expect(refused).toMatchObject({ detail: expect.stringContaining("adds 10.1.2.3 to OFFHOOK_EGRESS_ALLOW") });
});

test("the refusal of a name does not tell where it leads, but how to allow it", () => {
  const refused = checkName("db.corp.example", ["10.9.8.7"], publicOnly);
  expect(refused?.detail).toContain("adds db.corp.example to OFFHOOK_EGRESS_ALLOW");
  expect(refused?.detail).not.toContain("10.9.8.7");
});

describe("what the operator allows", () => {
  test.each([
    ["10.0.0.0/8", "http://10.1.2.3/", "allowed"],
    ["10.0.0.0/8", "http://11.1.2.3/", "allowed"],
    ["10.0.0.0/8", "http://192.168.0.1/", "refused"],
    ["10.0.0.0/8", "http://[::ffff:10.1.2.3]/", "allowed"],
    ["10.0.0.0/8", "http://[64:ff9b::10.1.2.3]/", "allowed"],
    ["10.0.0.5", "http://10.0.0.5/", "allowed"],
    ["10.0.0.5", "http://10.0.0.6/", "refused"],
    ["0.0.0.0/0 ::/0", "http://169.254.169.254/", "allowed"],
    ["0.0.0.0/0", "http://[fc00::1]/", "refused"],
    ["fc00::/7", "http://[fd00::1]/", "allowed"],
    ["loopback", "http://127.0.0.1/", "allowed"],
    ["loopback", "http://[::1]/", "allowed"],
    ["loopback", "http://localhost/", "allowed"],
    ["loopback", "http://10.0.0.1/", "refused"],
    ["private", "http://192.168.7.7/", "allowed"],
    ["private", "http://127.0.0.1/", "refused"],
    ["localhost", "http://localhost/", "allowed"],
    ["localhost", "http://LOCALHOST./", "allowed"],
    ["localhost", "http://127.0.0.1/", "refused"],
    ["*.localhost", "http://app.localhost/", "allowed"],
    ["*.localhost", "http://localhost/", "refused"],
    // What an IPv6 address stands for is judged too.
    ["2002::/16", "http://[2002:a00:1::1]/", "refused"],
    ["2002::/16, 10.0.0.0/8", "http://[2002:a00:1::1]/", "allowed"],
    ["2002::/16", "http://[2002:808:808::1]/", "allowed"],
    ["64:ff9b:1::/48", "http://[64:ff9b:1::127.0.0.1]/", "refused"],
    ["64:ff9b:1::/48", "http://[64:ff9b:1::8.8.8.8]/", "allowed"],
    ["64:ff9b:1::/48", "http://[64:ff9b:1:7f00:0:100::]/", "refused"],
    ["64:ff9b:1::/48", "http://[64:ff9b:1:7f:0:1::]/", "refused"],
    ["2001::/32", "http://[2001:0:4136:e378:8000:63bf:80ff:fffe]/", "refused"],
    ["2001::/32", "http://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/", "refused"],
  ])("with %s, %s is %s", (text, url, kind) => {
    expect(checkUrl(url, allow(text)).kind).toBe(kind);
  });

  test("an allowed name may lead anywhere, another may not", () => {
    const rules = allow("receiver.internal,*.corp.example");
    expect(checkName("receiver.internal", ["10.0.0.1"], rules)).toBeUndefined();
    expect(checkName("RECEIVER.internal.", ["10.0.0.1"], rules)).toBeUndefined();
    expect(checkName("a.corp.example", ["10.0.0.1"], rules)).toBeUndefined();
    expect(checkName("corp.example", ["10.0.0.1"], rules)).toMatchObject({ rule: "private" });
    expect(checkName("evilcorp.example", ["10.0.0.1"], rules)).toMatchObject({ rule: "private" });
    expect(checkName("receiver.internal.evil.example", ["10.0.0.1"], rules)).toMatchObject({
      rule: "private",
    });
  });
});

describe("parseAllow", () => {
  test("nothing allows nothing", () => {
    expect(parseAllow(" , ")).toEqual({ kind: "rules", rules: publicOnly });
  });

  test.each([
    ["10.0.0.1/8", "did you mean 10.0.0.0/8?"],
    ["fd00::1/8", "did you mean fd00::/8?"],
    ["10.0.0.0/33", "a number from 0 to 32"],
    ["fd00::/129", "a number from 0 to 128"],
    ["10.0.0.0/", "a number from 0 to 32"],
    ["10.0.0.0/8/8", "not a network"],
    ["http://10.0.0.1", "without scheme or port"],
    ["receiver:8080", "without scheme or port"],
    ["10.0.0.1:8080", "not a network"],
    ["0177.0.0.1", "not a network"],
    ["10.0", "not a network"],
    ["0x7f000001", "not a network"],
    ["*", "0.0.0.0/0"],
    ["a.*.example", "not a network"],
    ["fe80::1%eth0", "zone"],
    ["::ffff:10.0.0.1", "write it as IPv4, 10.0.0.1"],
  ])("%s is a fault: %s", (text, words) => {
    const parsed = parseAllow(text);
    expect(parsed.kind === "faults" ? parsed.faults.join() : "none").toContain(words);
  });

  test("all faults are reported at once", () => {
    expect(parseAllow("10.0.0.0/8 nonsense! 1.2.3 loopback")).toMatchObject({
      kind: "faults",
      faults: [expect.any(String), expect.any(String)],
    });
  });
});
