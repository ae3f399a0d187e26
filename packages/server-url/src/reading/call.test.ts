import { describe, expect, it } from "vitest";
import { readEvent } from "../testing/read-event.ts";
import { read } from "./read.ts";

describe("the status of a call", () => {
  it.each([
    ["2025-04: in both places", { status: "ongoing", call: { status: "ongoing" } }, "ongoing"],
    ["2026-03: only in the call", { call: { status: "finished" } }, "finished"],
    [
      "the message's own is newer than the call's",
      { status: "finished", call: { status: "ongoing" } },
      "finished",
    ],
    ["newer vendor: initiated", { call: { status: "initiated" } }, "queued"],
    ["newer vendor: failed", { status: "failed" }, "finished"],
    ["oldest vendor: completed", { status: "completed" }, "finished"],
    ["oldest vendor: ended", { status: "ended" }, "finished"],
    ["oldest vendor: the ladder", { status: "trying" }, "queued"],
    ["oldest vendor: ringing", { status: "ringing" }, "queued"],
    ["oldest vendor: in-progress", { status: "in-progress" }, "ongoing"],
    ["oldest vendor: busy", { status: "busy" }, "finished"],
    ["capitals", { status: "Forwarded" }, "forwarded"],
    ["a word of tomorrow", { status: "parked" }, "unknown"],
    ["none", {}, "unknown"],
    ["no text", { status: 7, call: null }, "unknown"],
  ])("%s", (_, message, status) => {
    expect(readEvent({ type: "status-update", ...message })).toMatchObject({ status, call: { status } });
  });

  it("keeps the sender's word beside it", () => {
    expect(readEvent({ type: "status-update", status: "initiated" }).call.sentStatus).toBe("initiated");
  });
});

describe("the call and the rest of the envelope", () => {
  it.each([
    ["bot", "assistant"],
    ["assistant", "assistant"],
    ["user", "user"],
    ["system", "system"],
    ["", null],
  ])("ended by %j", (callEndTriggerBy, endedBy) => {
    expect(readEvent({ type: "end-of-call-report", call: { callEndTriggerBy } }).call.endedBy).toBe(endedBy);
  });

  it.each([
    ["ms", { assistantCallDuration: 61_500 }, 61_500],
    ["seconds in the cost", { cost: { callDuration: 61.5 } }, 61_500],
    ["neither", { cost: null }, null],
  ])("lasted: %s", (_, call, durationMs) => {
    expect(readEvent({ type: "end-of-call-report", call }).call.durationMs).toBe(durationMs);
  });

  it.each([
    ["missing", {}],
    ["empty", { call: {}, assistant: {}, phone: {}, customer: {}, analysis: {}, messages: [] }],
    ["null", { call: null, assistant: null, phone: null, customer: null, analysis: null, messages: null }],
    ["of other kinds", { call: 1, assistant: [], phone: "x", customer: true, analysis: [1], messages: {} }],
  ])("objects that are %s", (_, message) => {
    const event = readEvent({ type: "status-update", ...message });
    expect(event).toMatchObject({
      id: null,
      sequence: null,
      missed: [],
      at: null,
      messages: [],
      customer: { number: null },
    });
  });

  it("finds the numbers in the call when the envelope has none", () => {
    const call = { userNumber: "web-ada", assistantNumber: "100" };
    const event = readEvent({ type: "status-update", call, phone: { provider: { name: "" } } });
    expect(event).toMatchObject({
      customer: { number: "web-ada" },
      phone: { number: "100", providerName: null },
    });
  });

  it("keeps the body as it came", () => {
    const body = { message: { type: "status-update", surprise: [1] }, aside: true };
    expect(read(body).original).toBe(body);
  });
});
