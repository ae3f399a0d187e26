import { describe, expect, test } from "vitest";
import { parseNatsAddress } from "./address.ts";
import { tokenOf } from "./subject.ts";

describe("an address of NATS", () => {
  test.each([
    ["nats://nats", { servers: ["nats:4222"], isTls: false }],
    ["nats://10.0.0.1:4223/", { servers: ["10.0.0.1:4223"], isTls: false }],
    ["tls://a, tls://b:1", { servers: ["a:4222", "b:1"], isTls: true }],
    [
      "nats://me:p%40ss@a,nats://b",
      { servers: ["a:4222", "b:4222"], isTls: false, user: "me", password: "p@ss" },
    ],
    ["nats://tok%2Fen@a", { servers: ["a:4222"], isTls: false, token: "tok/en" }],
    ["nats://[::1]:4222", { servers: ["[::1]:4222"], isTls: false }],
  ])("%s", (text, address) => {
    expect(parseNatsAddress(text)).toEqual(address);
  });

  test.each([
    "nats",
    "localhost:4222",
    "http://me:geheim@nats",
    "nats://me:geheim@nats/stream",
    "nats://me:geheim@nats?x=1",
    "nats://me:geheim@a,tls://b",
    "nats://me:geheim%@nats",
    "nats://a,",
  ])("%s is none, and what was written is not repeated", (text) => {
    const parsed = parseNatsAddress(text);
    expect(parsed).toHaveProperty("fault");
    expect(JSON.stringify(parsed)).not.toContain("geheim");
  });
});

describe("a token of a subject", () => {
  test.each(["default", "TC-11111111-1111-4111-8111-111111111111", "a_b"])("%s is as it is", (text) => {
    expect(tokenOf(text)).toBe(text);
  });

  test.each(["a.b", "*", ">", "with space", "", "ünï", "=x", "x".repeat(200)])(
    "%s cannot reach further",
    (text) => {
      expect(tokenOf(text)).toMatch(/^=[\w-]*$/u);
    },
  );

  test("two texts have two tokens", () => {
    const texts = ["a.b", "a*b", "a b", "", "=", "=YS5i", "YS5i"];
    expect(new Set(texts.map(tokenOf)).size).toBe(texts.length);
  });
});
