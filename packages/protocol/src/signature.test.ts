import fc from "fast-check";
import { Webhook } from "standardwebhooks";
import { describe, expect, test } from "vitest";
import { keyOf, sign, type SignedHeaders, signedContent, toleranceSeconds, verify } from "./signature.ts";

const seconds = 1_614_265_330;
const now = seconds * 1_000;
const whsec = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const given = { id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: seconds, body: '{"test": 2432232314}' };

const secrets = [
  ["a whsec_ secret", whsec],
  ["a whsec_ secret of 64 bytes", `whsec_${Buffer.alloc(64, 7).toString("base64")}`],
  ["a plain string", "a plain string of the vendor's"],
  ["a string beyond ASCII", "sésamo-ábrete-芝麻开门-🗝️"],
  ["a string that looks like base64", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
  ["a string with whsec_ further inside", "my-whsec_secret"],
] as const;

const bodies = ["", "{}", '{"text":"Olá, 你好 🙂"}', "line\nbreak\u0000nul", "x".repeat(70_000)];

/**
 * standardwebhooks, the implementation of those who wrote the standard. It
 * takes only base64, so a plain string is handed to it as its UTF-8 bytes; and
 * its clock stands still, for the tolerance is looked at below.
 */
function referee(secret: string): Webhook {
  const key = secret.startsWith("whsec_") ? secret : Buffer.from(secret, "utf8").toString("base64");
  const verifyTimestamp = (timestamp: string): Date => new Date(Number(timestamp) * 1_000);
  return Object.assign(new Webhook(key), { verifyTimestamp });
}

function refereeAccepts(secret: string, { id, timestamp, signature }: SignedHeaders, body: string): boolean {
  const headers = { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signature };
  try {
    referee(secret).verify(body === "" ? Buffer.alloc(0) : body, headers, { jsonParse: false });
    return true;
  } catch {
    return false;
  }
}

async function signed(secret: string, over: Partial<typeof given> = {}): Promise<SignedHeaders> {
  const { id, timestamp, body } = { ...given, ...over };
  return { id, timestamp: String(timestamp), signature: await sign({ secret, id, timestamp, body }) };
}

function check(headers: SignedHeaders, over: { secrets?: string[]; body?: string; now?: number } = {}) {
  return verify({ secrets: [whsec], body: given.body, now, headers, ...over });
}

describe("a signature", () => {
  test("is the one of the standard's own example", async () => {
    expect(signedContent(given.id, given.timestamp, given.body)).toBe(`${given.id}.${seconds}.${given.body}`);
    expect(await sign({ secret: whsec, ...given })).toBe("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  });

  describe.each(secrets)("with %s", (_, secret) => {
    test.each(bodies)("is the referee's, for the body %j", async (body) => {
      const headers = await signed(secret, { body });
      expect(headers.signature).toBe(referee(secret).sign(given.id, new Date(now), body));
      expect(refereeAccepts(secret, headers, body)).toBe(true);
      expect(refereeAccepts(secret, headers, `${body} `)).toBe(false);
    });

    test("of the referee is accepted", async () => {
      const signature = referee(secret).sign(given.id, new Date(now), given.body);
      const headers = { id: given.id, timestamp: String(seconds), signature };
      expect(await check(headers, { secrets: [secret] })).toBeUndefined();
      expect(await check(headers, { secrets: ["another secret"] })).toBe("no-match");
    });
  });

  test("that both sides make and read is the same, whatever is signed", async () => {
    const secret = fc.oneof(
      fc
        .uint8Array({ minLength: 1, maxLength: 64 })
        .map((bytes) => `whsec_${Buffer.from(bytes).toString("base64")}`),
      fc
        .string({ unit: "grapheme", minLength: 1, maxLength: 40 })
        .filter((text) => !text.startsWith("whsec_")),
    );
    const message = fc.record({
      id: fc.stringMatching(/^[\w-]{1,60}$/u),
      body: fc.string({ unit: "grapheme", maxLength: 200 }),
      timestamp: fc.integer({ min: 0, max: 99_999_999_999 }),
    });
    await fc.assert(
      fc.asyncProperty(secret, message, async (one, { id, body, timestamp }) => {
        const at = timestamp * 1_000;
        const headers = await signed(one, { id, body, timestamp });
        expect(headers.signature).toBe(referee(one).sign(id, new Date(at), body));
        expect(await check(headers, { secrets: [one], body, now: at })).toBeUndefined();
        expect(await check(headers, { secrets: [one], body: `${body}.`, now: at })).toBe("no-match");
      }),
    );
  });
});

describe("while a secret is being rotated", () => {
  const old = "the old secret";
  const fresh = "whsec_ZnJlc2ggc2VjcmV0IG9mIHRoZSBjbGluaWM=";

  async function both(): Promise<SignedHeaders> {
    const [one, other] = [await signed(old), await signed(fresh)];
    return { ...one, signature: `${one.signature} ${other.signature}` };
  }

  test.each([
    ["the old one alone", [old]],
    ["the new one alone", [fresh]],
    ["both", [old, fresh]],
    ["both in the other order", [fresh, old]],
    ["the new one and one that nobody uses", ["unused secret", fresh]],
  ])("a message with two signatures is accepted by %s", async (_, receiver) => {
    expect(await check(await both(), { secrets: receiver })).toBeUndefined();
  });

  test("the referee accepts it by either", async () => {
    const headers = await both();
    expect([old, fresh, whsec].map((one) => refereeAccepts(one, headers, given.body))).toEqual([
      true,
      true,
      false,
    ]);
  });

  test("a receiver with both accepts a message with one signature", async () => {
    expect(await check(await signed(old), { secrets: [fresh, old] })).toBeUndefined();
  });

  test.each([
    ["other secrets", ["a third secret"]],
    ["no secret at all", []],
  ])("a receiver with %s accepts neither", async (_, receiver) => {
    expect(await check(await both(), { secrets: receiver })).toBe("no-match");
  });
});

describe("the time of a message", () => {
  test("may be 300 s off, as Standard Webhooks advises", () => expect(toleranceSeconds).toBe(300));

  test.each([
    [-300_000, undefined, "300 s ahead"],
    [-300_001, "too-new", "300 s and 1 ms ahead"],
    [-301_000, "too-new", "301 s ahead"],
    [0, undefined, "now"],
    [300_000, undefined, "300 s ago"],
    [300_999, undefined, "not yet 301 s ago"],
    [301_000, "too-old", "301 s ago"],
    [90 * 24 * 3_600_000, "too-old", "90 days ago"],
  ] as const)("%d ms after it was signed: %s, for it is %s", async (laterMs, fault, _) => {
    expect(await check(await signed(whsec), { now: now + laterMs })).toBe(fault);
  });
});

describe("a message that was tampered with", () => {
  test.each<[string, Partial<SignedHeaders>, string]>([
    ["another id", { id: "msg_other" }, given.body],
    ["another timestamp", { timestamp: String(seconds + 1) }, given.body],
    ["a timestamp written otherwise", { timestamp: `0${seconds}` }, given.body],
    ["another body", {}, '{"test": 2432232315}'],
    ["a body with one space less", {}, '{"test":2432232314}'],
    ["an empty body", {}, ""],
    ["the end of the id moved into the body", { id: "msg" }, `_p5jXN8AQM9LWM0D4loKWxJek.${given.body}`],
  ])("by %s is refused", async (_, headers, body) => {
    expect(await check({ ...(await signed(whsec)), ...headers }, { body })).toBe("no-match");
  });
});

describe("a malformed header", () => {
  const good = signed(whsec);

  test.each(["id", "timestamp", "signature"] as const)("%s that is empty is missing", async (name) => {
    expect(await check({ ...(await good), [name]: "" })).toBe("missing-header");
  });

  test.each([
    "now",
    "-1614265330",
    "1614265330.5",
    "1.6e9",
    " 1614265330",
    "0x60379732",
    "1614265330000000",
    "١٦١٤",
  ])("webhook-timestamp %j is no number of seconds", async (timestamp) => {
    expect(await check({ ...(await good), timestamp })).toBe("bad-timestamp");
  });

  test.each<[string, (right: string) => string]>([
    ["without a version", (right) => right.slice(3)],
    ["of version v1a", (right) => right.replace("v1,", "v1a,")],
    ["of version v2", (right) => right.replace("v1,", "v2,")],
    ["in capitals", (right) => right.replace("v1,", "V1,")],
    ["with a colon", (right) => right.replace("v1,", "v1:")],
    ["without its padding", (right) => right.replace("=", "")],
    ["in base64url", (right) => right.replaceAll("/", "_").replaceAll("+", "-")],
    ["in hex", (right) => `v1,${Buffer.from(right.slice(3), "base64").toString("hex")}`],
    ["cut short", (right) => right.slice(0, 20)],
    ["of two together", (right) => right + right.slice(3)],
    ["that is only a version", () => "v1,"],
    ["of blanks", () => "   "],
  ])("webhook-signature %s matches nothing, and does not throw", async (_, wrong) => {
    const headers = await good;
    expect(await check({ ...headers, signature: wrong(headers.signature) })).toBe("no-match");
  });

  test("webhook-signature may hold other versions and rubbish beside the right one", async () => {
    const headers = await good;
    const signature = `v1a,abc v2,${"A".repeat(43)}= , rubbish v1,%%% ${headers.signature}`;
    expect(await check({ ...headers, signature })).toBeUndefined();
  });

  test.each([
    [8, undefined],
    [9, "no-match"],
  ] as const)(
    "webhook-signature with the right one at place %d: %s, for eight are tried",
    async (place, fault) => {
      const headers = await good;
      const wrong = `v1,${"A".repeat(43)}= `.repeat(place - 1);
      expect(await check({ ...headers, signature: wrong + headers.signature })).toBe(fault);
    },
  );

  test("never makes it throw", async () => {
    const text = fc.string({ unit: "binary", maxLength: 80 });
    await fc.assert(
      fc.asyncProperty(text, text, text, async (id, timestamp, signature) => {
        expect(await check({ id, timestamp, signature })).toMatch(
          /^(?:missing-header|bad-timestamp|too-old|no-match)$/u,
        );
      }),
    );
  });
});

describe("the key of a secret", () => {
  test.each([
    ["whsec_AAEC", [0, 1, 2]],
    ["whsec_AAE=", [0, 1]],
    ["AAEC", [65, 65, 69, 67]],
    ["é", [0xc3, 0xa9]],
    ["WHSEC_AAEC", [87, 72, 83, 69, 67, 95, 65, 65, 69, 67]],
  ])("%s is the bytes %j", (secret, bytes) => {
    expect([...keyOf(secret)]).toEqual(bytes);
  });

  test("cannot be read when what follows whsec_ is not base64", () => {
    expect(() => keyOf("whsec_not base64!")).toThrow("Invalid character");
  });
});
