import { describe, expect, test } from "vitest";
import { assistantBody } from "./assistant.ts";
import { faultsOf } from "./faults.ts";

function faults(given: unknown) {
  const read = assistantBody.safeParse(given);
  return read.success ? [] : faultsOf(read.error);
}

/** An assistant with every kind of field that the vendor's pages show and its dashboard saves. */
const vendors = {
  name: "Front desk",
  welcomeMessage: "Hello! How can I help you?",
  welcomeMessageMode: "automatic",
  welcomeMessageInterruptionsEnabled: false,
  bargeInEnabled: true,
  assistantProvider: "gemini",
  assistantModel: "gemini-3-flash-preview",
  assistantSystemPrompt:
    "You answer for a clinic. Today is {{date}}. The serial number is {{serial_number}}.",
  assistantTemperature: 0,
  assistantMaxTokens: 256,
  assistantResponseSplitter: ",",
  assistantBackchannelingEnabled: false,
  config: {
    speech: {
      stt: {
        vendor: "deepgram",
        languages: ["en-US", "hi"],
        deepgramOptions: { model: "nova-3", endpointing: 10 },
      },
      ttsData: [
        { vendor: "eleven-labs", voice: "x", config: { stability: 0.7, seed: null, speakerBoost: true } },
      ],
    },
  },
  hints: ["Dr. Sam"],
  backgroundSound: "enable",
  backgroundSoundVolume: 50,
  dtmfInputEnabled: false,
  maxCallDuration: 900,
  idleTimeout: 20,
  maxIdleMessagesInSequence: 3,
  startSpeakingOptions: { waitSeconds: 0, smartEndpointing: "Interactly", LiveKitBaseValue: 100 },
  stopSpeakingOptions: { numberOfWords: 3, voiceSeconds: 0 },
  userInterruptionAckPlan: { enabled: true, count: 2, phrases: ["one moment please"] },
  assistantToolIds: [],
  assistantKnowledgeBaseIds: [],
  endCallMessage: "",
  endCallToolDescription: "",
  endCallPhrases: ["Goodbye", "Bye"],
  callForwardData: { phoneNumber: "+15550100", extension: "", name: "front desk", department: "x" },
  assistantAnalysis: {
    summary: { enabled: true, prompt: "Summarize.", provider: "", model: "", timeoutInSecs: 30 },
    successEvaluation: {
      enabled: true,
      rubric: "DescriptiveScale",
      rubricDescription: "Excellent to Poor",
      timeoutInSecs: 30,
    },
    structuredData: {
      enabled: true,
      schema: { type: "object", properties: { "phone number": { type: "string" } }, $defs: {} },
      timeoutInSecs: 30,
    },
    guardrails: { enabled: false, metrics: [] },
    phiRedaction: { enabled: true },
  },
  assistantServer: {
    enabled: true,
    url: "https://app.example/events",
    timeoutSeconds: 20,
    secret: "my-interactly-secret",
    headers: { Authorization: "Bearer 69a0" },
    messages: ["conversation-update", "status-update", "end-of-call-report"],
  },
};

describe("an assistant with nothing but a name", () => {
  test("has the defaults of contract 1.2", () => {
    expect(assistantBody.parse({ name: "Ada" })).toEqual({
      name: "Ada",
      welcomeMessage: "",
      welcomeMessageMode: "assistant-speaks-first",
      welcomeMessageInterruptionsEnabled: true,
      bargeInEnabled: true,
      assistantProvider: "openai",
      assistantModel: "gpt-4.1-mini",
      assistantSystemPrompt: "",
      assistantTemperature: 0,
      assistantMaxTokens: 256,
      dtmfInputEnabled: false,
      maxCallDuration: 900,
      idleTimeout: 20,
      maxIdleMessagesInSequence: 3,
      assistantToolIds: [],
      assistantPredefinedTools: [],
      endCallMessage: "",
      endCallPhrases: [],
      metadata: {},
      tools: [],
      idleMessages: [],
      fallbackModels: [],
      fallbackAfterMs: 10_000,
      hangThresholdMs: 5_000,
      hangRecovery: "none",
    });
  });

  test("whose analyses are named has theirs, each off until it is asked for", () => {
    const { assistantAnalysis } = assistantBody.parse({
      name: "Ada",
      assistantAnalysis: {
        summary: {},
        successEvaluation: { enabled: true },
        structuredData: { schema: { type: "object" } },
      },
    });
    expect(assistantAnalysis).toEqual({
      summary: { enabled: false, timeoutInSecs: 30 },
      successEvaluation: { enabled: true, timeoutInSecs: 30, rubric: "PassFail" },
      structuredData: { enabled: false, timeoutInSecs: 30, schema: { type: "object" } },
    });
  });

  test("shares no default with another", () => {
    const [one, other] = [assistantBody.parse({ name: "a" }), assistantBody.parse({ name: "b" })];
    one.assistantToolIds.push("tool-1");
    one.metadata["a"] = 1;
    expect(other).toMatchObject({ assistantToolIds: [], metadata: {} });
  });
});

describe("the vendor's config", () => {
  test("comes back as it was sent, unknown fields and all, with our defaults beside it", () => {
    const read = assistantBody.parse(vendors);
    expect(read).toMatchObject(vendors);
    const added = Object.keys(read).filter((name) => !Object.hasOwn(vendors, name));
    expect(added.toSorted()).toEqual([
      "assistantPredefinedTools",
      "fallbackAfterMs",
      "fallbackModels",
      "hangRecovery",
      "hangThresholdMs",
      "idleMessages",
      "metadata",
      "tools",
    ]);
  });

  test("read a second time, and after a way through JSON, is the same", () => {
    const once = assistantBody.parse(vendors);
    expect(assistantBody.parse(JSON.parse(JSON.stringify(once)))).toEqual(once);
  });

  test.each<[string, Record<string, unknown>, string, unknown]>([
    [
      "switches for built-in tools",
      { assistantPredefinedTools: { endCall: true, callForward: false, knowledgeBase: false } },
      "assistantPredefinedTools",
      ["endCall"],
    ],
    ["no switch on", { assistantPredefinedTools: { endCall: false } }, "assistantPredefinedTools", []],
    ["no model address", { assistantLLMUrl: "" }, "assistantLLMUrl", undefined],
    ["nowhere to forward to", { callForwardData: [] }, "callForwardData", undefined],
    [
      "a list of one to forward to",
      { callForwardData: [{ phoneNumber: "1", label: "x" }] },
      "callForwardData",
      { phoneNumber: "1", label: "x" },
    ],
  ])("may write %s in its own way", (_, given, name, read) => {
    expect(assistantBody.parse({ name: "Ada", ...given })[name]).toEqual(read);
  });
});

describe("ours beside the vendor's", () => {
  test.each<[string, Record<string, unknown>]>([
    ["inline tools in both forms", { tools: [{ name: "a" }, { type: "function", function: { name: "b" } }] }],
    ["the built-in tools as a list", { assistantPredefinedTools: ["endCall", "callForward"] }],
    ["words for a hang", { hangRecovery: { say: "One moment, please." } }],
    ["another model for a hang", { hangRecovery: { model: "gpt-4.1-nano" } }],
    [
      "a model of one's own",
      { assistantProvider: "custom-llm", assistantLLMUrl: "http://localhost:11434/v1" },
    ],
    [
      "a rehearsal",
      { assistantProvider: "rehearsal", rehearsal: { rules: [{ when: ["hello"], say: "Hello!" }] } },
    ],
    ["free metadata", { metadata: { any: [{ thing: null }] } }],
  ])("%s", (_, given) => {
    expect(faults({ name: "Ada", ...given })).toEqual([]);
    expect(assistantBody.parse({ name: "Ada", ...given })).toMatchObject(given);
  });
});
