import { describe, expect, it } from "vitest";
import { readEvent } from "../testing/read-event.ts";

describe("the analysis", () => {
  const full = {
    summary: "Booked.",
    successEvaluation: "success",
    structuredData: { "Patient Name": "Ada" },
  };
  const whole = { summary: "Booked.", succeeded: true, structuredData: { "Patient Name": "Ada" } };
  it.each([
    ["in the message", { analysis: full }, whole],
    ["in the call", { call: { analysis: full } }, whole],
    ["in both, the message's empty", { analysis: {}, call: { analysis: full } }, whole],
    ["in both, the call's empty", { analysis: full, call: { analysis: {} } }, whole],
    [
      "half here, half there",
      { analysis: { ...full, summary: "" }, call: { analysis: { summary: "Booked." } } },
      whole,
    ],
    [
      "nowhere",
      {},
      { summary: null, successEvaluation: null, succeeded: null, structuredData: {}, errors: {} },
    ],
    [
      "outcome and guardrails",
      { analysis: { outcome: "kept", guardrails: "none" } },
      { outcome: "kept", guardrails: "none" },
    ],
  ])("%s", (_, message, analysis) => {
    expect(readEvent({ type: "end-of-call-report", ...message }).analysis).toMatchObject(analysis);
  });

  it.each([
    ["success", "success", true],
    ["failure", "failure", false],
    [true, "true", true],
    [false, "false", false],
    ["Good", "Good", null],
    [8, "8", null],
    ["85%", "85%", null],
    ["", null, null],
  ])("evaluation %j", (successEvaluation, word, succeeded) => {
    const { analysis } = readEvent({ type: "end-of-call-report", analysis: { successEvaluation } });
    expect(analysis).toMatchObject({ successEvaluation: word, succeeded });
  });
});
