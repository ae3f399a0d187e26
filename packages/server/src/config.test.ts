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
