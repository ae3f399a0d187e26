import { createHash } from "node:crypto";
import { offhook } from "@offhook/client";
import type { KeyView } from "@offhook/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { good, type TestServer, testKey, testServer } from "../testing/server.ts";
import { type Said, typed } from "../testing/typed.ts";

let server: TestServer;
beforeAll(async () => {
  server = await testServer();
});
afterAll(() => server.close());

const at = (...words: string[]): Promise<Said> => typed("keys", ...words, ...server.args);

async function listed(): Promise<KeyView[]> {
  return JSON.parse((await at("list", "--json")).out) as KeyView[];
}

describe("offhook keys", () => {
  it("makes a key that lets in, lists it without the key, and revokes it, though it is the last in the store", async () => {
    const made = await at("create", "laptop");
    expect(made).toMatchObject({ code: 0, out: expect.stringMatching(/^ohk_\S+\n$/u) });
    const client = offhook({ url: server.url, apiKey: made.out.trim() });
    const [own] = (await good(client.keys.list())).data;
    expect(made.beside).toContain(`${own?.id}. It is shown this once`);
    const shown = await at("list");
    expect(shown.out).toMatch(/^ID\s+NAME\s+CREATED\nkey-[0-9a-f]{16}\s+laptop\s+20\S+Z\n$/u);
    expect(await at("revoke", own?.id ?? "")).toMatchObject({ code: 0 });
    expect(await listed()).toEqual([]);
  });

  it("cannot revoke the key of the configuration", async () => {
    const hash = createHash("sha256").update(testKey).digest("hex");
    const said = await at("revoke", `key-${hash.slice(0, 16)}`);
    expect(said).toMatchObject({ code: 1, beside: expect.stringContaining("OFFHOOK_API_KEY") });
  });

  it("says which keys there are not, and what no name is", async () => {
    expect(await at("revoke", "laptop")).toMatchObject({
      code: 1,
      beside: expect.stringContaining("no key laptop"),
    });
    expect(await at("create", "")).toMatchObject({ code: 1, beside: expect.stringContaining("/name") });
    expect((await at("create")).code).toBe(2);
  });
});
