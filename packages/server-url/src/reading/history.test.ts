import { describe, expect, it } from "vitest";
import { readEvent } from "../testing/read-event.ts";

const said = (messageId: string, timestamp: string | number, text = "Hello") => ({
  messageId,
  role: "user",
  text,
  timestamp,
});

describe("the history", () => {
  const one = [said("m1", 1)];
  const two = [said("m1", 1), said("m2", 2)];
  it.each([
    ["in the message", { messages: two }, ["m1", "m2"]],
    ["in the call", { call: { messages: two } }, ["m1", "m2"]],
    ["in both", { messages: two, call: { messages: two } }, ["m1", "m2"]],
    ["in both, one of them empty", { messages: [], call: { messages: two } }, ["m1", "m2"]],
    ["in both, one of them behind", { messages: one, call: { messages: two } }, ["m1", "m2"]],
    ["nowhere", {}, []],
    [
      "the same id twice, as in the vendor's sample",
      { messages: [said("m1", 1), said("m1", 2)] },
      ["m1", "m1"],
    ],
    ["no list", { messages: "none" }, []],
  ])("%s", (_, message, ids) => {
    const { messages } = readEvent({ type: "conversation-update", ...message });
    expect(messages.map(({ messageId }) => messageId)).toEqual(ids);
  });

  it.each([
    ["ISO", "2026-11-23T10:00:00.250Z", 1_795_428_000_250],
    ["ISO with an offset", "2026-11-23T11:00:00+01:00", 1_795_428_000_000],
    ["ISO without an offset is UTC", "2026-11-23T10:00:00", 1_795_428_000_000],
    ["epoch ms", 1_795_428_000_000, 1_795_428_000_000],
    ["epoch ms as text", "1795428000000", 1_795_428_000_000],
    ["no time", "yesterday", null],
    ["nothing", undefined, null],
  ])("the time of a message: %s", (_, timestamp, time) => {
    const { messages } = readEvent({
      type: "conversation-update",
      messages: [{ ...said("m1", 0), timestamp }],
    });
    expect(messages[0]?.timestamp).toBe(time);
  });

  it("reads the barge-in and the metrics, and survives entries that are no messages", () => {
    const spoken = {
      ...said("m1", 1),
      skippedAssistantMessages: ["We are", 3],
      metrics: { "llm.responseLatencyMs": 9 },
    };
    const { messages } = readEvent({
      type: "conversation-update",
      messages: [spoken, null, { role: "bot" }],
    });
    expect(messages).toMatchObject([
      { role: "user", skippedAssistantMessages: ["We are"], metrics: { "llm.responseLatencyMs": 9 } },
      { role: "unknown", messageId: null, text: "" },
      { role: "assistant" },
    ]);
  });
});
