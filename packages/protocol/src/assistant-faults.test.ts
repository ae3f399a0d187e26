import { describe, expect, test } from "vitest";
import { assistantBody } from "./assistant.ts";
import { faultsOf } from "./faults.ts";
import { mask } from "./secrecy.ts";

function faults(given: unknown) {
  const read = assistantBody.safeParse(given);
  return read.success ? [] : faultsOf(read.error);
}

describe("an assistant is refused", () => {
  const server = { url: "https://app.example/events" };

  test.each<[string, Record<string, unknown>, string, RegExp]>([
    ["without a name", { name: undefined }, "/name", /^is missing: expected string$/u],
    ["with an empty name", { name: "" }, "/name", /^Too small: expected string to have >=1 characters$/u],
    [
      "with an unknown welcome",
      { welcomeMessageMode: "user-first" },
      "/welcomeMessageMode",
      /"assistant-speaks-first"\|"assistant-waits-for-user"\|"automatic"/u,
    ],
    [
      "with a welcome of 4,001 characters",
      { welcomeMessage: "a".repeat(4_001) },
      "/welcomeMessage",
      /<=4000 characters/u,
    ],
    [
      "with yes in words",
      { bargeInEnabled: "true" },
      "/bargeInEnabled",
      /expected boolean, received string/u,
    ],
    [
      "with a number of words in words",
      { stopSpeakingOptions: { numberOfWords: "3" } },
      "/stopSpeakingOptions/numberOfWords",
      /expected number, received string/u,
    ],
    [
      "with an acknowledgement that is empty",
      { stopSpeakingOptions: { acknowledgementPhrases: [""] } },
      "/stopSpeakingOptions/acknowledgementPhrases/0",
      />=1 characters/u,
    ],
    [
      "with a warning that comes too early",
      { maxCallDurationWarning: { secondsBefore: 3_601 } },
      "/maxCallDurationWarning/secondsBefore",
      /<=3600/u,
    ],
    [
      "with an unknown provider",
      { assistantProvider: "bedrock" },
      "/assistantProvider",
      /"custom-llm"\|"rehearsal"/u,
    ],
    [
      "of custom-llm without its address",
      { assistantProvider: "custom-llm" },
      "/assistantLLMUrl",
      /^custom-llm needs the base URL of the model$/u,
    ],
    [
      "of custom-llm with an empty address",
      { assistantProvider: "custom-llm", assistantLLMUrl: "" },
      "/assistantLLMUrl",
      /^custom-llm needs/u,
    ],
    [
      "with a model's address that is none",
      { assistantLLMUrl: "localhost" },
      "/assistantLLMUrl",
      /^not a URL: write it in full/u,
    ],
    [
      "with a temperature over 2",
      { assistantTemperature: 2.1 },
      "/assistantTemperature",
      /^Too big: expected number to be <=2$/u,
    ],
    [
      "with a temperature in a text",
      { assistantTemperature: "0" },
      "/assistantTemperature",
      /expected number, received string/u,
    ],
    ["with half a token", { assistantMaxTokens: 0.5 }, "/assistantMaxTokens", /expected int/u],
    ["with no tokens", { assistantMaxTokens: 0 }, "/assistantMaxTokens", />=1$/u],
    ["that would talk for more than a day", { maxCallDuration: 86_401 }, "/maxCallDuration", /<=86400$/u],
    ["that would not wait at all", { idleTimeout: 0 }, "/idleTimeout", />=1$/u],
    ["that would ask on 21 times", { maxIdleMessagesInSequence: 21 }, "/maxIdleMessagesInSequence", /<=20$/u],
    [
      "with an unknown built-in tool",
      { assistantPredefinedTools: ["hangUp"] },
      "/assistantPredefinedTools/0",
      /"endCall"\|"callForward"/u,
    ],
    [
      "with a switch on that we do not have",
      { assistantPredefinedTools: { knowledgeBase: true } },
      "/assistantPredefinedTools/knowledgeBase",
      /^this server has no such tool: it has endCall and callForward; say false/u,
    ],
    [
      "with a switch that is neither on nor off",
      { assistantPredefinedTools: { endCall: "on" } },
      "/assistantPredefinedTools/endCall",
      /^true or false$/u,
    ],
    [
      "with nobody to forward to",
      { callForwardData: { name: "desk" } },
      "/callForwardData/phoneNumber",
      /^is missing/u,
    ],
    [
      "with two to forward to",
      { callForwardData: [{ phoneNumber: "1" }, { phoneNumber: "2" }] },
      "/callForwardData",
      /^one number to forward to/u,
    ],
    ["with an empty end phrase", { endCallPhrases: ["bye", ""] }, "/endCallPhrases/1", />=1 characters/u],
    [
      "with 51 end phrases",
      { endCallPhrases: Array.from({ length: 51 }, () => "bye") },
      "/endCallPhrases",
      /<=50 items/u,
    ],
    ["with a hang noticed too soon", { hangThresholdMs: 99 }, "/hangThresholdMs", />=100$/u],
    [
      "with an unknown hang recovery",
      { hangRecovery: "retry" },
      "/hangRecovery",
      /^what to do about a hang: "none"/u,
    ],
    [
      "with a hang recovery without words",
      { hangRecovery: { say: 5 } },
      "/hangRecovery",
      /\{"say": "some words"\}/u,
    ],
    [
      "with an analysis that takes too long",
      { assistantAnalysis: { summary: { timeoutInSecs: 301 } } },
      "/assistantAnalysis/summary/timeoutInSecs",
      /<=300$/u,
    ],
    [
      "with an unknown rubric",
      { assistantAnalysis: { successEvaluation: { rubric: "Stars" } } },
      "/assistantAnalysis/successEvaluation/rubric",
      /"PassFail"\|"DescriptiveScale"/u,
    ],
    [
      "with a schema in a text",
      { assistantAnalysis: { structuredData: { schema: "{}" } } },
      "/assistantAnalysis/structuredData/schema",
      /expected record/u,
    ],
    [
      "with a Server URL without an address",
      { assistantServer: {} },
      "/assistantServer/url",
      /^an enabled server needs a url$/u,
    ],
    [
      "with a Server URL that says who calls",
      { assistantServer: { url: "https://u:p@app.example" } },
      "/assistantServer/url",
      /^no user name or password in the URL/u,
    ],
    [
      "with the mask for a secret",
      { assistantServer: { ...server, secret: mask } },
      "/assistantServer/secret",
      /^this is the mask of a secret/u,
    ],
    [
      "with a tool whose address is none",
      { tools: [{ name: "a" }, { name: "b", server: { url: "x" } }] },
      "/tools/1/server/url",
      /^not a URL/u,
    ],
    [
      "with a wrapped tool without an address",
      { tools: [{ type: "function", function: { name: "a" }, server: {} }] },
      "/tools/0/server/url",
      /^is missing/u,
    ],
    [
      "with 65 tools",
      { tools: Array.from({ length: 65 }, (_, index) => ({ name: `t${index}` })) },
      "/tools",
      /<=64 items/u,
    ],
    [
      "with a rehearsal's phrase that is empty",
      { rehearsal: { rules: [{ when: [""] }] } },
      "/rehearsal/rules/0/when/0",
      />=1 characters/u,
    ],
    ["with a list for metadata", { metadata: [] }, "/metadata", /expected record/u],
  ])("%s", (_, given, path, message) => {
    expect(faults({ name: "Ada", ...given })).toEqual([{ path, message: expect.stringMatching(message) }]);
  });

  test("with every fault at once", () => {
    const found = faults({
      assistantTemperature: 9,
      tools: [{ name: "a b" }],
      assistantServer: { enabled: true, auth: "none" },
    });
    expect(found.map(({ path }) => path).toSorted()).toEqual([
      "/assistantServer/auth",
      "/assistantTemperature",
      "/name",
      "/tools/0/name",
    ]);
  });

  test.each([
    ["a text", "Ada"],
    ["a list", []],
    ["nothing", null],
    ["nothing at all", undefined],
  ])("when it is %s", (_, given) => {
    expect(faults(given)).toEqual([{ path: "", message: expect.stringMatching(/expected object/u) }]);
  });
});
