import { rehearsalScript } from "@offhook/protocol";
import { describe, expect, test } from "vitest";
import type { ModelRequest } from "../../model.ts";
import { requestOf } from "../../testing/model-contract.ts";
import { analyse } from "./analysis.ts";

const booked = `Here is the conversation.
[m1] assistant: Welcome to the clinic.
[m2] user: My name is Anna Berg, and I need
a check-up on Tuesday
[t1] tool bookAppointment: {"number": "A-1", "price": 80}
[m3] assistant: Done: [m9] user: this is inside a line.
[m4] user: Great, thank you!`;
const failed = `[m1] user: Book me in
[t1] tool bookAppointment: {"error": "the calendar is down"}
[m2] user: Then not.`;
const short = "[m1] user: Hello?";

type Given = {
  purpose: ModelRequest["purpose"];
  transcript?: string;
  script?: unknown;
  prompt?: string;
  schema?: ModelRequest["schema"];
};

function answer({ purpose, transcript = booked, script, prompt = "Judge.", schema }: Given): string {
  const messages = [
    { role: "system", text: prompt },
    { role: "user", text: transcript },
  ] as const;
  return analyse(
    requestOf({
      purpose,
      messages,
      ...(script === undefined ? {} : { script: rehearsalScript.parse(script) }),
      ...(schema === undefined ? {} : { schema }),
    }),
  );
}

describe("summary", () => {
  test.each([
    [
      "of a call",
      booked,
      "The user said 2 messages, the assistant 2 messages. It began with: “My name is Anna Berg, and I need\na check-up on Tuesday”. Tools used: bookAppointment.",
    ],
    ["of one message", short, "The user said 1 message, the assistant 0 messages. It began with: “Hello?”."],
    ["of nothing", "", "The user said nothing."],
  ])("%s", (_name, transcript, expected) =>
    expect(answer({ purpose: "summary", transcript })).toBe(expected),
  );

  test("by the script, from the facts", () => {
    const script = {
      hear: ["my name is {name}", "on {day}"],
      analysis: { summary: "{{name}} got {{bookAppointment.number}} on {{day}}." },
    };
    expect(answer({ purpose: "summary", script })).toBe("Anna Berg got A-1 on Tuesday.");
  });
});

describe("success", () => {
  const four = "Answer with one of Excellent, Good, Fair, Poor.";
  test.each([
    ["a tool succeeded, and thanks", booked, "Judge.", "success"],
    ["neither", failed, "Judge.", "failure"],
    ["only the end was called", `${short}\n[t1] tool endCall: {}`, "Judge.", "failure"],
    ["by words", booked, four, "Excellent"],
    ["by words", booked.replace("thank you", "bye"), four, "Good"],
    ["by words", failed, four, "Fair"],
    ["by words", short, four, "Poor"],
    ["by number", booked, "A number from 1 to 10.", "10"],
    ["by percentage", short, "A percentage, 0 to 100.", "10%"],
    [
      "by the last paragraph",
      booked,
      "Was it Excellent, in percent?\n\nOne word: success or failure.",
      "success",
    ],
    [
      "by levels",
      failed,
      "Excellent, Good, Fair or Poor. `criterion: level`",
      "The user said more than one thing: Excellent\nA tool did what it was asked for: Poor\nThe user said thanks: Poor",
    ],
    [
      "by points",
      short,
      "`criterion: number`, from 1 to 10",
      "The user said more than one thing: 1\nA tool did what it was asked for: 1\nThe user said thanks: 1",
    ],
    ["by agreement", failed, "Strongly Agree, Agree, …", "Disagree"],
  ])("%s: %#", (_name, transcript, prompt, expected) =>
    expect(answer({ purpose: "successEvaluation", transcript, prompt })).toBe(expected),
  );

  test.each([
    [["name", "bookAppointment.number"], "success"],
    [["name", "phone"], "failure"],
  ])("by the script: %j", (success, expected) => {
    expect(
      answer({
        purpose: "successEvaluation",
        script: { hear: ["my name is {name}"], analysis: { success } },
      }),
    ).toBe(expected);
  });
});

test("a checklist of the facts that a script wants", () => {
  const script = { hear: ["my name is {name}"], analysis: { success: ["name", "phone"] } };
  const prompt = "Answer with `[x] criterion` if it was met, `[ ] criterion` if it was not.";
  expect(answer({ purpose: "successEvaluation", script, prompt })).toBe(
    "[x] name is known\n[ ] phone is known",
  );
});

describe("structured data", () => {
  const script = {
    hear: ["my name is {name}", "i need a {reason} on {day}", "{thanks} thank you", "{thanks} you"],
  };
  const schema = {
    type: "object",
    properties: {
      name: { type: "string" },
      reason: { enum: ["Check-Up", "cleaning"] },
      phone: { type: ["string", "null"] },
      mail: { type: "string" },
      price: { type: "number" },
      number: { type: "string" },
      thanks: { type: "boolean" },
      day: { type: "integer" },
      any: {},
    },
  };

  test("fills the schema from facts and the last answer, and leaves out what it does not know", () => {
    expect(JSON.parse(answer({ purpose: "structuredData", script, schema }))).toEqual({
      name: "Anna Berg",
      reason: "Check-Up",
      phone: null,
      price: 80,
      number: "A-1",
    });
  });

  test.each([
    ["number", "about 12.5 euros", 12.5],
    ["integer", "12", 12],
    ["integer", "12.5", undefined],
    ["boolean", "Yes please", true],
    ["boolean", "nope", false],
    ["boolean", "maybe", undefined],
    ["object", "x", undefined],
  ])("a fact as %s: %j", (type, text, expected) => {
    const given = {
      purpose: "structuredData",
      transcript: `[m] user: it is ${text}`,
      script: { hear: ["it is {x}"] },
      schema: { properties: { x: { type } } },
    } as const;
    expect(JSON.parse(answer(given))).toEqual(expected === undefined ? {} : { x: expected });
  });

  test("by the script, types kept", () => {
    const analysis = {
      structuredData: {
        who: "{{name}}",
        price: "{{result.price}}",
        text: "for {{result.price}}",
        none: "{{none}}",
      },
    };
    expect(
      JSON.parse(answer({ purpose: "structuredData", script: { ...script, analysis }, schema })),
    ).toEqual({ who: "Anna Berg", price: 80, text: "for 80" });
  });

  test("without script and schema it is empty", () =>
    expect(answer({ purpose: "structuredData" })).toBe("{}"));
});
