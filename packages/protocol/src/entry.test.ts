import { describe, expect, test } from "vitest";
import { happening, tellOf } from "./entry.ts";
import { tellTypes } from "./words.ts";

describe("what happens in a call", () => {
  const types = happening.options.map(({ shape }) => shape.type.value);

  test("is told as the contract says, or stays inside", () => {
    expect(Object.fromEntries(types.map((type) => [type, tellOf(type)]))).toEqual({
      "call-created": undefined,
      "assistant-chosen": undefined,
      "tools-listed": undefined,
      "variables-missing": undefined,
      "status-changed": "status-update",
      "turn-started": undefined,
      "turn-ended": undefined,
      "message-added": "conversation-update",
      "model-requested": undefined,
      "model-answered": undefined,
      "tool-requested": undefined,
      "tool-answered": undefined,
      hang: "hang",
      "hang-recovered": "hang-recovered",
      error: "error",
      "control-received": undefined,
      "analysis-finished": undefined,
      reported: "end-of-call-report",
      "analysis-updated": "analysis-updated",
    });
  });

  test("has something for each event that can be subscribed to", () => {
    const told = types.map(tellOf).filter((type) => type !== undefined);
    expect(told.toSorted()).toEqual([...tellTypes].toSorted());
  });

  test("is nothing that an object inherits", () => {
    expect(tellOf("toString" as never)).toBeUndefined();
  });
});
