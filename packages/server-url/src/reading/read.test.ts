import type { JsonObject } from "@offhook/protocol";
import { describe, expect, it } from "vitest";
import { read } from "./read.ts";
import type { Received } from "./received.ts";

describe("tool requests", () => {
  const bare = { toolName: "findSlots", toolCallId: "c1", callId: "TC-1" };
  const none = { toolName: null, toolCallId: null, callId: null };
  const asked = (functionCall: JsonObject) => ({
    message: { type: "function-call", functionCall, call: { id: "TC-1" } },
  });
  const listed = (call: JsonObject) => ({ message: { type: "tool-calls", toolCallList: [call] } });
  const wanted = { id: "c1", name: "findSlots", arguments: { day: "Tuesday" } };
  it.each([
    [
      "parameters as an object",
      asked({ id: "c1", name: "findSlots", parameters: { day: "Tuesday" } }),
      none,
      "envelope",
      wanted,
    ],
    [
      "parameters as JSON text",
      asked({ id: "c1", name: "findSlots", parameters: '{"day":"Tuesday"}' }),
      none,
      "envelope",
      wanted,
    ],
    [
      "only arguments",
      asked({ id: "c1", name: "findSlots", arguments: '{"day":"Tuesday"}' }),
      none,
      "envelope",
      wanted,
    ],
    [
      "the id only in the header",
      asked({ name: "findSlots", parameters: { day: "Tuesday" } }),
      bare,
      "envelope",
      wanted,
    ],
    ["bare arguments", { day: "Tuesday" }, bare, "arguments", wanted],
    [
      "bare arguments with one called message",
      { message: "hi" },
      bare,
      "arguments",
      { ...wanted, arguments: { message: "hi" } },
    ],
    [
      "bare arguments with an object called message",
      { message: { type: "error" } },
      bare,
      "arguments",
      { ...wanted, arguments: { message: { type: "error" } } },
    ],
    [
      "Vapi, text",
      listed({ id: "c1", function: { name: "findSlots", arguments: '{"day":"Tuesday"}' } }),
      none,
      "tool-calls",
      wanted,
    ],
    [
      "Vapi, object",
      listed({ id: "c1", function: { name: "findSlots", arguments: { day: "Tuesday" } } }),
      none,
      "tool-calls",
      wanted,
    ],
    ["no arguments", asked({ id: "c1", name: "findSlots" }), none, "envelope", { ...wanted, arguments: {} }],
    [
      "broken arguments",
      asked({ id: "c1", name: "findSlots", parameters: '{"day":' }),
      none,
      "envelope",
      { ...wanted, arguments: '{"day":' },
    ],
    [
      "arguments that are a list",
      asked({ id: "c1", name: "findSlots", parameters: [1] }),
      none,
      "envelope",
      { ...wanted, arguments: "[1]" },
    ],
    [
      "nothing but the type",
      { message: { type: "function-call" } },
      none,
      "envelope",
      { id: null, name: "", arguments: {} },
    ],
  ])("%s", (_, body, hints, style, call) => {
    expect(read(JSON.parse(JSON.stringify(body)), hints)).toMatchObject({
      kind: "tool-request",
      style,
      calls: [call],
    });
  });

  it("knows the call from the envelope or the header", () => {
    const callIdOf = (received: Received) => (received.kind === "tool-request" ? received.callId : undefined);
    expect(callIdOf(read(asked({ name: "x" })))).toBe("TC-1");
    expect(callIdOf(read({ day: "Tuesday" }, bare))).toBe("TC-1");
  });
});

describe("everything else goes to the catch-all", () => {
  it.each([
    ["an unknown type", { message: { type: "transcript" } }, "call", "transcript"],
    ["a type that every object has", { message: { type: "constructor" } }, "call", "constructor"],
    ["no type", { message: {} }, "call", ""],
    ["a campaign's call", { event: "call_status", campaign: { id: 1 } }, "campaign", "call_status"],
    ["a campaign's report", { event: "campaign_report", campaign: {} }, "campaign", "campaign_report"],
    ["a workflow", { event: "workflow_finished" }, "workflow", "workflow_finished"],
    ["an object", { hello: 1 }, "unknown", ""],
    ["a text as message", { message: "hi" }, "unknown", ""],
    ["null", null, "unknown", ""],
    ["a list", [1, 2], "unknown", ""],
    ["a number", 7, "unknown", ""],
  ])("%s", (_, body, family, type) => {
    expect(read(body)).toEqual({ kind: "other", family, type, original: body });
  });
});
