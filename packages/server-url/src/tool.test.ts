import { describe, expect, it } from "vitest";
import { z } from "zod";
import { definitionsOf } from "./definitions.ts";
import { tool, type ToolContext } from "./tool.ts";

const context: ToolContext = {
  name: "t",
  toolCallId: null,
  callId: null,
  call: null,
  envelope: null,
  original: {},
  at: 0,
  attempt: 1,
  headers: new Headers(),
  signal: new AbortController().signal,
};
const schema = z.object({ day: z.string().describe("a date"), count: z.number().int().default(2) });
const typed = tool({
  description: "Counts",
  parameters: schema,
  run: ({ day, count }) => `${day} ${count + 1}`,
});
const loose = { type: "object", properties: { day: { type: "string" } } };

describe("a tool with a zod schema", () => {
  it("is given what the schema makes of the arguments", async () => {
    const checked = await typed.check({ day: "Tuesday", extra: true });
    expect(checked.kind === "fits" && checked.run(context)).toBe("Tuesday 3");
  });

  it.each([
    ["a missing argument", {}, "/day: "],
    ["one of the wrong kind", { day: "x", count: "2" }, "/count: "],
    ["broken JSON", '{"day":', "expected object"],
  ])("says what does not fit: %s", async (_, args, sentence) => {
    expect(await typed.check(args)).toMatchObject({
      kind: "faulty",
      sentence: expect.stringContaining(sentence),
    });
  });

  it("refuses a schema that has no JSON Schema when it is made", () => {
    expect(() => tool({ description: "", parameters: z.object({ at: z.date() }), run: () => "" })).toThrow(
      "Date",
    );
  });
});

describe("a tool with a JSON Schema", () => {
  const passed = tool({ description: "Passes", parameters: loose, async: true, run: (args) => args });
  it("is given the arguments as they came", async () => {
    const checked = await passed.check({ day: 7 });
    expect(checked.kind === "fits" && checked.run(context)).toEqual({ day: 7 });
  });

  it("still wants an object", async () => {
    expect(await passed.check("7")).toMatchObject({ kind: "faulty" });
  });

  it("is defined in OpenAI's flat form, beside one with zod", () => {
    expect(definitionsOf({ typed, passed })).toEqual([
      {
        name: "typed",
        description: "Counts",
        async: false,
        parameters: {
          type: "object",
          properties: {
            day: { type: "string", description: "a date" },
            count: expect.objectContaining({ type: "integer", default: 2 }),
          },
          required: ["day"],
        },
      },
      { name: "passed", description: "Passes", async: true, parameters: loose },
    ]);
  });
});
