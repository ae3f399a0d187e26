import { Webhook } from "standardwebhooks";
import { describe, expect, it } from "vitest";
import { systemNow } from "./clock.ts";
import { moment, plainPost, post, secret } from "./testing/post.ts";
import { verifier } from "./verification.ts";

const other = "whsec_b3RoZXItc2VjcmV0LW9mLXRoZS1jbGluaWM=";
const body = { message: { type: "status-update" } };

async function judge(
  request: Request,
  secrets: readonly string[] | null = [secret],
  now = moment,
): Promise<string | undefined> {
  return verifier(secrets)(request.headers, await request.text(), now);
}

describe("signed requests", () => {
  const seconds = (count: number) => moment + count * 1_000;
  it.each([
    ["as signed", {}, [secret], undefined],
    ["with the new secret, the old one still known", {}, [other, secret], undefined],
    ["with the old secret, the new one first", { secret: other }, [secret, other], undefined],
    ["a secret that is any text", { secret: "päss wörd" }, ["päss wörd"], undefined],
    ["300 s old", { at: seconds(-300) }, [secret], undefined],
    ["300 s ahead", { at: seconds(300) }, [secret], undefined],
    ["301 s old", { at: seconds(-301) }, [secret], "301 s old"],
    ["301 s ahead", { at: seconds(301) }, [secret], "301 s ahead"],
    ["with another secret", { secret: other }, [secret], "does not fit"],
    ["the id changed", { headers: { "webhook-id": "evt_2" } }, [secret], "does not fit"],
    ["no id", { headers: { "webhook-id": "" } }, [secret], "all three"],
    ["no timestamp", { headers: { "webhook-timestamp": "" } }, [secret], "all three"],
    ["a timestamp in words", { headers: { "webhook-timestamp": "now" } }, [secret], "not a number"],
    ["another version only", { headers: { "webhook-signature": "v1a,AAAA" } }, [secret], "does not fit"],
    [
      "a wrong signature beside the right shared header",
      { secret: other, headers: { "x-interactly-secret": secret } },
      [secret],
      "does not fit",
    ],
  ])("%s", async (_, given, secrets, wrong) => {
    const sentence = await judge(await post(body, given), secrets);
    if (wrong === undefined) expect(sentence).toBeUndefined();
    else expect(sentence).toContain(wrong);
  });

  it("refuses a body that was changed on its way", async () => {
    const { headers } = await post(body);
    expect(await verifier([secret])(headers, '{"message":{"type":"error"}}', moment)).toContain(
      "body was changed",
    );
  });

  it("accepts one good signature among several, as sent during a rotation", async () => {
    const right = (await post(body)).headers.get("webhook-signature");
    const wrong = (await post(body, { secret: other })).headers.get("webhook-signature");
    const request = await post(body, { headers: { "webhook-signature": `${wrong} ${right}` } });
    expect(await judge(request)).toBeUndefined();
  });
});

describe("the referee, standardwebhooks", () => {
  it.each(["", "ü – 東京", '{"a":"\\u0000"}'])("signs %j as we accept it", async (text) => {
    const at = new Date(moment);
    const signature = new Webhook(secret).sign("evt_9", at, text);
    const headers = {
      "webhook-id": "evt_9",
      "webhook-timestamp": String(moment / 1_000),
      "webhook-signature": signature,
    };
    expect(await verifier([secret])(new Headers(headers), text, moment)).toBeUndefined();
  });

  it("accepts what we sign", async () => {
    const request = await post(body, { at: systemNow() });
    const headers = Object.fromEntries(request.headers);
    expect(new Webhook(secret).verify(await request.text(), headers)).toEqual(body);
  });
});

describe("the vendor's shared header", () => {
  it.each([
    ["x-interactly-secret", secret, undefined],
    ["X-INTERACTLY.AI-SECRET", secret, undefined],
    ["x-interactly-secret", other, "is not the one"],
    ["x-interactly-secret", secret.slice(0, -1), "is not the one"],
    ["x-interactly-secret", "", "is not the one"],
    ["authorization", secret, "not signed"],
  ])("%s: %s", async (name, value, wrong) => {
    const sentence = await judge(plainPost(body, { [name]: value }));
    if (wrong === undefined) expect(sentence).toBeUndefined();
    else expect(sentence).toContain(wrong);
  });

  it("is compared to its end", async () => {
    const guesses = Array.from({ length: 1_000 }, (_, index) =>
      plainPost(body, { "x-interactly-secret": `guess ${index}` }),
    );
    const judged = await Promise.all(guesses.map((guess) => judge(guess)));
    expect(judged.filter((sentence) => sentence === undefined)).toEqual([]);
  });

  it("takes any of several secrets", async () => {
    expect(await judge(plainPost(body, { "x-interactly-secret": secret }), [other, secret])).toBeUndefined();
  });
});

describe("the secret itself", () => {
  it("believes everyone only when told so", async () => {
    expect(await judge(plainPost(body), null)).toBeUndefined();
    expect(await judge(plainPost(body))).toContain("not signed");
  });

  it.each([
    ["none", []],
    ["an empty one", [""]],
    ["an empty one among others", [secret, ""]],
    ["a bare prefix", ["whsec_"]],
    ["no base64", ["whsec_%%%"]],
  ])("is refused at the start: %s", (_, secrets) => {
    expect(() => verifier(secrets)).toThrow(TypeError);
  });
});
