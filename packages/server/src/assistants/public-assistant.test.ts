import { assistantBody, flatTool, isMcp } from "@offhook/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { publicAssistant, type Resolved } from "./resolve.ts";

function resolvedFrom(given: object, assistantId: string | null = "asst-1"): Resolved {
  const assistant = assistantBody.parse({ name: "Ada", ...given });
  return {
    assistantId,
    assistant: {
      ...assistant,
      tools: assistant.tools.flatMap((tool) => (isMcp(tool) ? [] : [flatTool(tool)])),
    },
    mcp: [],
    missing: [],
  };
}

const whole = {
  welcomeMessage: "Hello",
  assistantSystemPrompt: "Be kind.",
  assistantProvider: "custom-llm",
  assistantLLMUrl: "http://10.0.0.7:8000/v1",
  hints: ["Dr. Sam"],
  unknown: { kept: true, apiKey: "sk-1" },
  assistantServer: {
    url: "https://app.example/x",
    secret: "a secret of ours",
    headers: { Authorization: "Bearer 1", "x-region": "eu" },
    auth: "both",
  },
  tools: [
    {
      name: "find",
      description: "Finds",
      parameters: { type: "object", properties: { token: { type: "string", description: "The caller's" } } },
      staticParameters: { clinic: 7, apiKey: "sk-2" },
      server: {
        url: "http://10.0.0.8/find",
        secret: "a secret of the tool's",
        headers: { "x-region": "eu" },
      },
    },
  ],
};

describe("the assistant that a payload shows", () => {
  test("is whole, but for secrets, headers and addresses", () => {
    const shown = publicAssistant(resolvedFrom(whole));
    expect(shown).toMatchObject({
      _id: "asst-1",
      name: "Ada",
      welcomeMessage: "Hello",
      assistantSystemPrompt: "Be kind.",
      assistantProvider: "custom-llm",
      hints: ["Dr. Sam"],
      assistantMaxTokens: 256,
    });
    expect(shown["unknown"]).toEqual({ kept: true });
    expect(shown["assistantServer"]).toEqual({
      enabled: true,
      timeoutSeconds: 20,
      messages: ["status-update", "conversation-update", "hang", "error", "end-of-call-report"],
      format: "2025-04",
    });
    expect(shown["tools"]).toEqual([
      {
        name: "find",
        description: "Finds",
        parameters: whole.tools[0]?.parameters,
        staticParameters: { clinic: 7 },
        async: false,
        messages: [],
      },
    ]);
    expect(JSON.stringify(shown)).not.toMatch(/secret|Bearer|sk-|10\.0\.0|app\.example|x-region/u);
  });

  test("of an assistant that was sent along has no id, whatever it says of itself", () => {
    expect(publicAssistant(resolvedFrom({ _id: "made up" }, null))).toMatchObject({ _id: "" });
  });

  test("has no Server URL where there is none", () => {
    expect(publicAssistant(resolvedFrom({}))).not.toHaveProperty("assistantServer");
  });

  const needle = "N33DL3-N33DL3";
  const sensitiveName = fc.constantFrom(
    "secret",
    "apiKey",
    "X-API-KEY",
    "authorization",
    "access_token",
    "dbPassword",
    "Set-Cookie",
    "key",
    "credentials",
  );
  const hidden = fc.constantFrom<unknown>(needle, [needle], { user: needle }, [{ deep: [needle] }]);
  const step = fc.constantFrom("config", "voice", "vendor", "list", "properties", "default", "0");
  const planted = fc
    .tuple(sensitiveName, hidden, fc.array(step, { maxLength: 4 }))
    .map(([name, secret, path]) =>
      path.reduce<object>(
        (inner, one, index) => (index % 2 === 0 ? { [one]: inner } : { [one]: [inner, 1] }),
        { [name]: secret },
      ),
    );
  const address = fc.constantFrom(`https://${needle}.example/`, `http://10.0.0.1:8080/${needle}?team=1`);
  const server = fc.record(
    {
      url: address,
      secret: fc.constant(needle),
      headers: fc.dictionary(fc.constantFrom("x-a", "authorization"), fc.constant(needle)),
      region: planted,
    },
    { requiredKeys: ["url"] },
  );
  const extra = fc.record(
    { metadata: planted, staticParameters: planted, config: planted },
    { requiredKeys: [] },
  );
  const tool = fc
    .tuple(fc.stringMatching(/^[a-z]{1,9}$/u), server, extra, fc.boolean())
    .map(([name, own, more, isFlat]) =>
      isFlat
        ? { ...more, name, server: own }
        : { ...more, type: "function", function: { name, ...more }, server: own },
    );
  const assistant = fc.record(
    {
      assistantLLMUrl: address,
      assistantServer: server,
      tools: fc.array(tool, { maxLength: 3 }),
      metadata: planted,
      config: planted,
      startSpeakingOptions: planted,
      assistantAnalysis: fc.record({ summary: planted, guardrails: planted }),
      unknown: planted,
    },
    { requiredKeys: [] },
  );

  test("shows no secret and no address, wherever they were put", () => {
    fc.assert(
      fc.property(assistant, (given) => {
        expect(JSON.stringify(publicAssistant(resolvedFrom(given)))).not.toContain(needle);
      }),
      { numRuns: 500 },
    );
  });
});
