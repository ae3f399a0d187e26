import { mask } from "@offhook/protocol";
import { describe, expect, test } from "vitest";
import { type Draft, put } from "../ui/draft.ts";
import { isSecretUnknown, sampleOf, signedAnew } from "./sample-of.ts";

const url = "https://app.example.org/offhook";
const tls = { ca: "-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----" };
const draft: Draft = {
  name: "Reception",
  assistantServer: { url, secret: mask, headers: { authorization: mask, "x-trace": "1" }, auth: "both", tls },
};
const kept = { ...draft, _id: "asst-1", createdAt: "2026-03-02", updatedAt: "2026-03-02" };
const changed = (name: string, value: unknown): Draft => put(draft, ["assistantServer", name], value);

describe("a sample of a kept assistant", () => {
  test("goes by its id, so that the server signs it with what is kept", () => {
    expect(sampleOf({ draft, kept })).toEqual({ assistantId: "asst-1", assistantServer: {} });
    expect(isSecretUnknown({ draft, kept })).toBe(false);
  });

  test("brings along what is changed in the draft, and no mask", () => {
    const headers = { authorization: mask, "x-new": "2" };
    expect(sampleOf({ draft: changed("headers", headers), kept })).toEqual({
      assistantId: "asst-1",
      assistantServer: { headers: { "x-trace": null, "x-new": "2" } },
    });
    expect(sampleOf({ draft: changed("tls", undefined), kept })).toMatchObject({
      assistantServer: { tls: null },
    });
  });

  test("is signed anew by a change for once", () => {
    expect(signedAnew(sampleOf({ draft, kept }), "forged")).toEqual({
      assistantId: "asst-1",
      assistantServer: { secret: "forged" },
    });
  });
});

describe("a sample for another address than the kept one", () => {
  const elsewhere = changed("url", "https://new.example.org/");

  test("has nothing that is kept, and says so", () => {
    const sample = { url: "https://new.example.org/", auth: "both", headers: { "x-trace": "1" }, tls };
    expect(sampleOf({ draft: elsewhere, kept })).toEqual(sample);
    expect(isSecretUnknown({ draft: elsewhere, kept })).toBe(true);
    expect(sampleOf({ draft, kept: null })).toMatchObject({ url });
  });

  test("is signed with a secret that was typed, and anew", () => {
    const typed = put(elsewhere, ["assistantServer", "secret"], "a new secret");
    expect(sampleOf({ draft: typed, kept })).toMatchObject({ secret: "a new secret" });
    expect(isSecretUnknown({ draft: typed, kept })).toBe(false);
    expect(signedAnew(sampleOf({ draft: typed, kept }), "forged")).toMatchObject({ secret: "forged" });
  });

  test("goes without a certificate whose key is masked", () => {
    const masked = put(elsewhere, ["assistantServer", "tls"], { cert: tls.ca, key: mask });
    expect(sampleOf({ draft: masked, kept })).not.toHaveProperty("tls");
  });
});
