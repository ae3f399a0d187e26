import { type Exchange, read } from "@offhook/server-url";
import { describe, expect, it } from "vitest";
import { toJsonLine, toLine } from "./print.ts";

const call = { id: "TC-1", status: "ongoing" };

function exchange(body: object, more: Partial<Exchange> = {}): Exchange {
  const text = JSON.stringify(body);
  return {
    at: Date.UTC(2026, 10, 23, 10, 2, 13),
    method: "POST",
    path: "/offhook",
    headers: { "webhook-id": "evt_1" },
    body: text,
    received: read(JSON.parse(text)),
    answered: { status: 200, body: '{"received":true}' },
    ...more,
  };
}

const message = (type: string, more: object = {}) => ({ message: { type, sequence: 7, call, ...more } });
const said = (role: string, text: string) => ({ messages: [{ messageId: "m", role, text }] });

describe("a line for people", () => {
  it.each([
    [
      "the patient's words",
      message("conversation-update", said("user", "Tuesday, please")),
      '#7 conversation-update  patient: "Tuesday, please"',
    ],
    [
      "the clinic's words",
      message("conversation-update", said("assistant", "Hello")),
      '#7 conversation-update  clinic: "Hello"',
    ],
    ["no words yet", message("conversation-update"), "#7 conversation-update  nothing said yet"],
    ["a status", message("status-update", { status: "ongoing" }), "#7 status-update  ongoing"],
    [
      "the end",
      message("status-update", { status: "finished", call: { endedReason: "assistant-ended" } }),
      "#7 status-update  finished (assistant-ended)",
    ],
    [
      "a hang",
      message("hang", { hang: { phase: "model", elapsedMs: 5_000 } }),
      "#7 hang  silence for 5.0 s, waiting for the model",
    ],
    [
      "a hang in a tool",
      message("hang", { hang: { phase: "tool", elapsedMs: 5_000, toolName: "findSlots" } }),
      "#7 hang  silence for 5.0 s, waiting for findSlots",
    ],
    [
      "its end",
      message("hang-recovered", { hang: { elapsedMs: 7_140 } }),
      "#7 hang-recovered  the reply came after 7.1 s",
    ],
    [
      "an error",
      message("error", { error: { type: "llm_error", message: "slow" } }),
      '#7 error  llm_error: "slow"',
    ],
    [
      "a report",
      message("end-of-call-report", { analysis: { summary: "Booked.", successEvaluation: "success" } }),
      '#7 end-of-call-report  success: "Booked."',
    ],
    [
      "missed ones",
      message("status-update", { status: "ongoing", missed: [4, 5] }),
      "#7 status-update  ongoing  (missed: 4, 5)",
    ],
    [
      "a vendor's, who does not count",
      { message: { type: "status-update", status: "ended" } },
      "#– status-update  finished",
    ],
    ["another family", { event: "workflow_done" }, "workflow  workflow_done"],
  ])("%s", (_, body, line) => {
    expect(toLine(exchange(body))).toBe(`10:02:13  ${line}`);
  });

  it.each([
    ['{"result":"{\\"day\\":\\"Tuesday\\"}"}', '{"day":"Tuesday"}'],
    ['{"error":"closed"}', "refused: closed"],
    ['{"results":[]}', '{"results":[]}'],
  ])("tells of tools and their answer: %s", (body, outcome) => {
    const functionCall = { name: "findSlots", parameters: { day: "Tuesday" } };
    const line = toLine(
      exchange(message("function-call", { functionCall }), { answered: { status: 200, body } }),
    );
    expect(line).toBe(`10:02:13  findSlots {"day":"Tuesday"} → ${outcome}`);
  });

  it("tells of refusals and repeated attempts", () => {
    const answered = { status: 401, body: '{"error":"no"}' };
    expect(toLine(exchange({}, { received: null, answered }))).toBe(
      '10:02:13  refused  → 401 {"error":"no"}',
    );
    const again = exchange(message("status-update"), { headers: { "offhook-attempt": "2" } });
    expect(toLine(again)).toContain("(attempt 2)");
  });

  it("stays one short line, and leaves the terminal alone", () => {
    const evil = `\u001B[2J\n\u009B31m${"x".repeat(500)}`;
    const line = toLine(exchange(message(evil, said("user", evil))));
    expect(line).not.toMatch(/\p{Cc}/u);
    expect(toLine(exchange(message("conversation-update", said("user", evil)))).length).toBeLessThan(220);
  });
});

describe("a line for programs", () => {
  it("is one object: what came and what was answered", () => {
    const body = message("status-update");
    expect(JSON.parse(toJsonLine(exchange(body)))).toEqual({
      at: Date.UTC(2026, 10, 23, 10, 2, 13),
      path: "/offhook",
      headers: { "webhook-id": "evt_1" },
      body,
      answered: { status: 200, body: { received: true } },
    });
  });

  it.each([
    ["no JSON", "{", "{"],
    ["not read", null, null],
  ])("also of a body that is %s", (_, body, shown) => {
    const line = toJsonLine(exchange({}, { body, received: null }));
    expect(JSON.parse(line)).toMatchObject({ body: shown });
    expect(line).not.toContain("\n");
  });
});
