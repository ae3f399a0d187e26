import { describe, expect, test } from "vitest";
import { ConfigError, toConfig } from "./config.ts";

describe("OFFHOOK_ROLES", () => {
  test.each([
    [undefined, ["api", "calls", "delivery"]],
    ["delivery, api", ["api", "delivery"]],
    ["calls", ["calls"]],
  ])("%s is %o", (text, roles) => {
    expect(toConfig(text === undefined ? {} : { OFFHOOK_ROLES: text }).roles).toEqual(roles);
  });

  test.each(["api,phone", ",", "API"])("%s is a mistake that says what there is", (text) => {
    expect(() => toConfig({ OFFHOOK_ROLES: text })).toThrow(ConfigError);
    expect(() => toConfig({ OFFHOOK_ROLES: text })).toThrow(/api, calls, delivery/u);
  });
});

describe("the ways between servers", () => {
  test("are none unless they are named", () => {
    expect(toConfig({})).toMatchObject({ bus: undefined, nodeUrl: undefined });
  });

  test("are NATS and an address", () => {
    const env = { OFFHOOK_BUS: "nats://a,nats://b:1", OFFHOOK_NODE_URL: "http://10.0.0.7:4600/" };
    expect(toConfig(env)).toMatchObject({
      bus: { servers: ["a:4222", "b:1"] },
      nodeUrl: "http://10.0.0.7:4600",
    });
  });

  test.each<Partial<Record<"OFFHOOK_BUS" | "OFFHOOK_NODE_URL", string>>>([
    { OFFHOOK_BUS: "redis://me:geheim@here" },
    { OFFHOOK_BUS: "nats://me:geheim@here/path" },
    { OFFHOOK_NODE_URL: "http://me:geheim@here" },
    { OFFHOOK_NODE_URL: "nats://me:geheim@here" },
    { OFFHOOK_NODE_URL: "http://here?key=geheim" },
  ])("are refused without repeating what may be a secret: %o", (env) => {
    const [name = ""] = Object.keys(env);
    expect(() => toConfig(env)).toThrow(name);
    expect(() => toConfig(env)).not.toThrow("geheim");
  });
});

describe("OFFHOOK_STORE", () => {
  const OFFHOOK_SECRET_KEY = Buffer.alloc(32, 7).toString("base64");

  test("is the embedded store in the data folder when it is empty", () => {
    expect(toConfig({ OFFHOOK_DATA: "/srv/offhook", OFFHOOK_STORE: " " })).toMatchObject({
      store: { kind: "sqlite", path: "/srv/offhook/offhook.sqlite" },
      dataFolder: "/srv/offhook",
    });
  });

  test.each([
    "postgres://offhook:secret@db.example:5432/offhook",
    "postgresql:///offhook?host=/run/postgresql",
  ])("%s is a database", (url) => {
    expect(toConfig({ OFFHOOK_STORE: url, OFFHOOK_SECRET_KEY }).store).toEqual({ kind: "postgres", url });
  });

  test.each(["mysql://a:very-secret@db.example/offhook", "very-secret", "postgres://a:very-secret@[/x"])(
    "%s is a mistake that says what it must be, and not what it was",
    (url) => {
      const read = () => toConfig({ OFFHOOK_STORE: url, OFFHOOK_SECRET_KEY });
      expect(read).toThrow(/OFFHOOK_STORE must be the address of a PostgreSQL database/u);
      expect(read).not.toThrow(/very-secret/u);
    },
  );

  test("needs a key that all servers have", () => {
    expect(() => toConfig({ OFFHOOK_STORE: "postgres://db.example/offhook" })).toThrow(
      /OFFHOOK_SECRET_KEY must be set, with the same for every server.*openssl rand/u,
    );
  });
});
