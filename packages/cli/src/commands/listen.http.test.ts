import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TestServer, testKey, testServer } from "../testing/server.ts";
import { typed } from "../testing/typed.ts";

let server: TestServer;
beforeAll(async () => {
  server = await testServer();
});
afterAll(() => server.close());

describe("offhook listen", () => {
  it.each<[string, string[], number, RegExp]>([
    ["no address", [], 2, /--forward-to/u],
    [
      "an assistant that is not there",
      ["--forward-to", "http://127.0.0.1:1/", "--assistant", "Nobody"],
      1,
      /no assistant/u,
    ],
    [
      "a cursor that is none",
      ["--forward-to", "http://127.0.0.1:1/", "--from", "then"],
      2,
      /now, start, or a cursor/u,
    ],
    [
      "a server elsewhere",
      ["--forward-to", "http://127.0.0.1:1/", "--url", "http://example.org"],
      2,
      /--assistant[^]*--all/u,
    ],
    [
      "a key that is not known",
      ["--forward-to", "http://127.0.0.1:1/", "--key", "another-key-for-tests"],
      1,
      /key is not known/u,
    ],
  ])("says what is wrong with %s", async (_name, args, code, sentence) => {
    const ended = await typed("listen", "--url", server.url, "--key", testKey, ...args);
    expect(ended.beside).toMatch(sentence);
    expect(ended.code).toBe(code);
  });
});
