import { afterEach, expect, test } from "vitest";
import { systemClock } from "../clock.ts";
import { silentLog } from "../log.ts";
import type { ModelRequest, ModelServers } from "../model.ts";
import { textReply } from "../testing/openai-replies.ts";
import { type OpenAiServer, openAiServer } from "../testing/openai-server.ts";
import { eventsOf, requestOf, textIn } from "../testing/model-contract.ts";
import { openModels } from "./pick-model.ts";

const opened: OpenAiServer[] = [];
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
});

async function server(): Promise<OpenAiServer> {
  const fake = await openAiServer({ replies: [textReply("Hello there")] });
  opened.push(fake);
  return fake;
}

function models(
  servers: Partial<ModelServers> = {},
  guarded: typeof fetch = () => Promise.reject(new Error("not to be used")),
) {
  const none = { openai: {}, deepseek: {}, gemini: {}, azure: {}, customLlm: {} };
  return openModels({ servers: { ...none, ...servers }, fetch: guarded, clock: systemClock, log: silentLog });
}

const ask = (provider: ModelRequest["provider"], more: Partial<ModelRequest> = {}) =>
  requestOf({ provider, ...more });

test.each([
  ["openai", "OPENAI_API_KEY"],
  ["deepseek", "DEEPSEEK_API_KEY"],
  ["gemini", "GEMINI_API_KEY"],
  ["azure", "AZURE_OPENAI_ENDPOINT and AZURE_OPENAI_API_KEY"],
] as const)("%s without a key says which variable to set", async (provider, variable) => {
  expect(await eventsOf(models(), ask(provider))).toMatchObject([
    {
      type: "failed",
      failure: {
        code: "not-configured",
        retryable: false,
        message: expect.stringContaining(`Set ${variable}`),
      },
    },
  ]);
  expect(await eventsOf(models(), ask(provider), AbortSignal.abort())).toEqual([]);
});

test.each(["openai", "deepseek", "gemini"] as const)(
  "%s at an address of the operator's, with and without a key",
  async (provider) => {
    const { url, requests } = await server();
    expect(
      textIn(await eventsOf(models({ [provider]: { apiKey: "k1", baseUrl: url } }), ask(provider))),
    ).toBe("Hello there");
    expect(textIn(await eventsOf(models({ [provider]: { baseUrl: url } }), ask(provider)))).toBe(
      "Hello there",
    );
    expect(requests.map(({ headers }) => headers["authorization"])).toEqual(["Bearer k1", undefined]);
  },
);

test.each(["", "/", "/openai/v1", "/openai/v1/"])("azure, at an endpoint that ends in %j", async (end) => {
  const { url, requests } = await server();
  await eventsOf(models({ azure: { apiKey: "k1", endpoint: `${new URL(url).origin}${end}` } }), ask("azure"));
  expect(requests[0]).toMatchObject({
    path: "/openai/v1/chat/completions",
    headers: { authorization: "Bearer k1" },
  });
});

test("a tenant's own model goes through the guarded fetch, and gets no key", async () => {
  const { url, requests } = await server();
  const through: string[] = [];
  const guarded: typeof fetch = (input, init) => {
    through.push(`${input instanceof Request ? input.url : input} ${init?.redirect}`);
    return fetch(input, init);
  };
  const model = models(
    {
      openai: { apiKey: "operators-key" },
      customLlm: { apiKey: "operators-key", keyOrigin: "https://models.example.org" },
    },
    guarded,
  );
  expect(textIn(await eventsOf(model, ask("custom-llm", { baseUrl: url })))).toBe("Hello there");
  expect(through).toEqual([`${url}/chat/completions manual`]);
  expect(JSON.stringify(requests)).not.toContain("operators-key");
});

test("the key for custom models goes to its own origin only", async () => {
  const { url, requests } = await server();
  const keyOrigin = new URL(url).origin;
  await eventsOf(
    models({ customLlm: { apiKey: "k1", keyOrigin } }, fetch),
    ask("custom-llm", { baseUrl: url }),
  );
  expect(requests[0]?.headers["authorization"]).toBe("Bearer k1");
});

test("no other provider goes where a tenant points", async () => {
  const { url, requests } = await server();
  expect((await eventsOf(models(), ask("openai", { baseUrl: url }))).at(-1)).toMatchObject({
    failure: { code: "not-configured" },
  });
  expect(requests).toEqual([]);
});

test.each([{}, { baseUrl: "nowhere" }])("a custom model without an address: %j", async (given) => {
  expect((await eventsOf(models(), ask("custom-llm", given))).at(-1)).toMatchObject({
    failure: { code: "not-configured", message: expect.stringContaining("assistantLLMUrl") },
  });
});

test("a rehearsal needs nothing", async () => {
  expect(textIn(await eventsOf(models(), ask("rehearsal")))).toContain("no language model");
});
