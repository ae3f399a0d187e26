import { mask, maskSecrets } from "@offhook/protocol";
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { StoreError } from "../store.ts";
import { seededRandom } from "../testing/seeded-random.ts";
import { keyBytes, openSeal } from "./seal.ts";

const random = seededRandom(1);
const seal = openSeal(new Uint8Array(keyBytes).fill(7), random);
const other = openSeal(new Uint8Array(keyBytes).fill(8), random);

const secrets = {
  secret: "whsec_abc",
  previousSecret: { secret: "before", until: 12 },
  headers: { authorization: "Bearer xyz", "x-plain": "shown" },
  apiKey: 12_345,
  tools: [{ name: "findSlots", server: { secret: "tool-secret", url: "https://example.org" } }],
};

/** Every text inside. */
function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

describe("a seal", () => {
  it("hides every secret, leaves the rest, and opens to what was there", () => {
    const sealed = seal.close(secrets, "assistant/default/asst_1");
    expect(JSON.stringify(sealed)).not.toMatch(/abc|before|xyz|12345|tool-secret/u);
    expect(maskSecrets(sealed)).toEqual(maskSecrets(secrets));
    expect(textsIn(maskSecrets(sealed)).filter((text) => text === mask)).toHaveLength(5);
    expect(seal.open(sealed, "assistant/default/asst_1")).toEqual(secrets);
  });

  it("gives another text each time, so that equal secrets do not show", () => {
    const texts = [1, 2, 3].map(() => seal.close({ secret: "same" }, "a").secret);
    expect(new Set(texts).size).toBe(3);
  });

  it("leaves what was never sealed", () => {
    expect(seal.open({ secret: "plain from an older version" }, "a")).toEqual({
      secret: "plain from an older version",
    });
  });

  it("opens a secret that looks as if it were sealed to what it was", () => {
    const odd = { secret: "sealed:v1:AAAA" };
    expect(seal.open(seal.close(odd, "a"), "a")).toEqual(odd);
  });

  const { secret: good } = seal.close({ secret: "text" }, "here");
  test.each([
    ["another place", seal, good, "there"],
    ["another key", other, good, "here"],
    [
      "a changed byte",
      seal,
      `${good.slice(0, -5)}${good.at(-5) === "A" ? "B" : "A"}${good.slice(-4)}`,
      "here",
    ],
    ["a cut text", seal, good.slice(0, -8), "here"],
    ["nothing inside", seal, "sealed:v1:", "here"],
    ["rubbish inside", seal, "sealed:v1:!!!", "here"],
  ])("is not opened with %s, and says what to do", (_name, by, secret, place) => {
    expect(() => by.open({ secret }, place)).toThrow(StoreError);
    expect(() => by.open({ secret }, place)).toThrow(/Save the secret again, or start with the key/u);
  });

  it("opens whatever JSON it was closed on", () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom("secret", "name", "apiKey", "list"), fc.jsonValue()),
        (value) => {
          const given = JSON.parse(JSON.stringify(value)) as object;
          expect(seal.open(seal.close(given, "a"), "a")).toEqual(given);
        },
      ),
    );
  });
});
