import { createHmac } from "node:crypto";
import { makeCallId } from "@offhook/protocol";
import { expect, test } from "vitest";
import { liveTokens } from "./token.ts";

const call = makeCallId("chat", "11111111-1111-4111-8111-111111111111");
const other = makeCallId("chat", "22222222-2222-4222-8222-222222222222");

test("a token fits its own call under its own secret, and nothing else", () => {
  const tokens = liveTokens("secret");
  const token = tokens.make(call);
  expect(token).toBe(createHmac("sha256", "secret").update(call).digest("base64url"));
  expect(tokens.fits(call, token)).toBe(true);
  expect(tokens.fits(other, token)).toBe(false);
  expect(liveTokens("another").fits(call, token)).toBe(false);
  for (const wrong of ["", "x", token.slice(1), `${token}A`, token.toUpperCase()])
    expect(tokens.fits(call, wrong)).toBe(false);
});
