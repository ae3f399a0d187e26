import { describe, expect, test } from "vitest";
import { control } from "./control.ts";
import { faultsOf } from "./faults.ts";

function faults(given: unknown) {
  const read = control.safeParse(given);
  return read.success ? [] : faultsOf(read.error);
}

describe("a control", () => {
  test.each<[string, Record<string, unknown>]>([
    ["says something", { type: "say", message: "One moment." }],
    ["ends the call", { type: "end" }],
    ["forwards it", { type: "forward", phoneNumber: "+15550100" }],
    [
      "forwards it to somebody by an extension",
      { type: "forward", phoneNumber: "+15550100", extension: "12", name: "Front desk" },
    ],
    ["sends tones", { type: "dtmf", digits: "0123456789ABCD*#," }],
    ["adds a message of the user", { type: "add-message", role: "user", text: "Hello" }],
    ["adds one of the assistant", { type: "add-message", role: "assistant", text: "Hello", respond: false }],
    [
      "adds one of the system, and has it answered",
      { type: "add-message", role: "system", text: "It rains", respond: true },
    ],
    ["mutes", { type: "mute" }],
    ["unmutes", { type: "unmute" }],
    ["brings a result as a text", { type: "tool-result", toolCallId: "call_1", result: "done" }],
    [
      "brings a result of any JSON",
      { type: "tool-result", toolCallId: "call_1", result: { slots: [1, null, "a"] } },
    ],
    ["brings an empty result", { type: "tool-result", toolCallId: "call_1", result: null }],
    ["changes the prompt", { type: "update", prompt: "Be brief." }],
    ["changes the model", { type: "update", model: "gpt-4.1" }],
    ["takes all tools away", { type: "update", tools: [] }],
    ["changes nothing", { type: "update" }],
  ])("%s", (_, given) => {
    expect(control.parse(given)).toEqual(given);
  });

  test("reads tools like those of an assistant, in either form", () => {
    const read = control.parse({
      type: "update",
      tools: [{ name: "a" }, { type: "function", function: { name: "b" } }],
    });
    expect(read).toMatchObject({
      tools: [
        { name: "a", async: false },
        { function: { name: "b" }, async: false },
      ],
    });
  });

  test("leaves out what it does not know", () => {
    expect(control.parse({ type: "end", reason: "late" })).toEqual({ type: "end" });
  });
});

describe("a control is refused", () => {
  test.each<[string, unknown, string, RegExp]>([
    ["without a type", {}, "/type", /'say'.+'update'/u],
    ["of an unknown type", { type: "hold" }, "/type", /'say' \| 'end' \| 'forward'/u],
    ["when it says nothing", { type: "say", message: "" }, "/message", /^say something/u],
    [
      "when it says more than 4,000 characters",
      { type: "say", message: "a".repeat(4_001) },
      "/message",
      /^Too big/u,
    ],
    ["when what it says is named text", { type: "say", text: "Hello" }, "/message", /^is missing/u],
    ["when it forwards to nobody", { type: "forward" }, "/phoneNumber", /^is missing/u],
    [
      "when it forwards to an empty number",
      { type: "forward", phoneNumber: "" },
      "/phoneNumber",
      /^Too small/u,
    ],
    ["when a tone is none", { type: "dtmf", digits: "12E" }, "/digits", /^digits are 0-9/u],
    ["when a tone is in small letters", { type: "dtmf", digits: "a" }, "/digits", /^digits are 0-9, A-D/u],
    ["when there is no tone", { type: "dtmf", digits: "" }, "/digits", /^digits are/u],
    ["when there are 65 tones", { type: "dtmf", digits: "1".repeat(65) }, "/digits", /^digits are/u],
    [
      "when nobody said the message",
      { type: "add-message", role: "tool", text: "x" },
      "/role",
      /"user"\|"assistant"\|"system"/u,
    ],
    [
      "when the message is empty",
      { type: "add-message", role: "user", text: "" },
      "/text",
      /^say something/u,
    ],
    [
      "when it is not said whose result it is",
      { type: "tool-result", result: 1 },
      "/toolCallId",
      /^is missing/u,
    ],
    ["when there is no result", { type: "tool-result", toolCallId: "call_1" }, "/result", /^is missing$/u],
    [
      "when a tool has no name",
      { type: "update", tools: [{}] },
      "/tools/0/name",
      /^is missing: a tool has a name/u,
    ],
    [
      "when a tool's address is none",
      { type: "update", tools: [{ name: "a", server: { url: "x" } }] },
      "/tools/0/server/url",
      /^not a URL/u,
    ],
    ["when it is a text", "end", "", /expected object/u],
  ])("%s", (_, given, path, message) => {
    expect(faults(given)).toEqual([{ path, message: expect.stringMatching(message) }]);
  });
});
