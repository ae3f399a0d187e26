import { describe, expect, it } from "vitest";
import { readEvent } from "../testing/read-event.ts";

describe("hangs and errors", () => {
  it("reads a hang, and one that says nothing more", () => {
    const hang = { turnId: "t1", phase: "tool", elapsedMs: 5_000, thresholdMs: 5_000, toolName: "findSlots" };
    expect(readEvent({ type: "hang", hang })).toMatchObject({ type: "hang", hang });
    expect(readEvent({ type: "hang" })).toMatchObject({ hang: { phase: null, elapsedMs: null } });
    expect(readEvent({ type: "hang-recovered", hang })).toMatchObject({
      type: "hang-recovered",
      hang: { turnId: "t1" },
    });
  });

  it("reads an error as an object or as text", () => {
    const error = {
      type: "llm_error",
      code: "timeout",
      message: "slow",
      provider: "openai",
      retryable: true,
      details: {},
    };
    expect(readEvent({ type: "error", error })).toMatchObject({ error });
    expect(readEvent({ type: "error", error: "slow" })).toMatchObject({
      error: { message: "slow", type: null },
    });
  });
});
