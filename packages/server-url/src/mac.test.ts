import * as crypto from "node:crypto";
import { keyOf, readSignatures, sign, signedContent } from "@offhook/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nativeMac, webMac } from "./mac.ts";

const kinds = [
  ["Node's", (key: Uint8Array<ArrayBuffer>) => nativeMac(key, crypto)],
  ["Web Crypto's", webMac],
] as const;

describe.each(kinds)("%s", (_, make) => {
  it("agrees with what was signed, whatever the text", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ minLength: 1, unit: "grapheme" }), fc.string(), async (secret, body) => {
        const given = readSignatures(await sign({ secret, id: "e1", timestamp: 7, body }));
        const mac = make(keyOf(secret));
        expect(await mac(signedContent("e1", 7, body), given)).toBe(true);
        expect(await mac(signedContent("e1", 8, body), given)).toBe(false);
      }),
      { numRuns: 50 },
    );
  });

  it("takes one good one among several, and none of none", async () => {
    const [good] = readSignatures(await sign({ secret: "s", id: "e1", timestamp: 7, body: "{}" }));
    const mac = make(keyOf("s"));
    const content = signedContent("e1", 7, "{}");
    expect(await mac(content, [new Uint8Array(32), good!])).toBe(true);
    expect(await mac(content, [good!, new Uint8Array(32)])).toBe(true);
    expect(await mac(content, [new Uint8Array(32), new Uint8Array(3)])).toBe(false);
    expect(await mac(content, [])).toBe(false);
  });
});
