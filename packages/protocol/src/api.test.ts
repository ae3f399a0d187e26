import { describe, expect, test } from "vitest";
import type { z } from "zod";
import { callsQuery, connectBody, conversationBody, pageQuery, sayBody } from "./api.ts";
import { faultsOf } from "./faults.ts";

function faults(schema: z.ZodType, given: unknown) {
  const read = schema.safeParse(given);
  return read.success ? [] : faultsOf(read.error);
}

describe("connecting", () => {
  test("asks for nothing: by default an inbound chat without variables", () => {
    const least = {
      callType: "chat",
      direction: "inbound",
      assistantOverrides: { dynamicVariables: {} },
      metadata: {},
    };
    expect(connectBody.parse({})).toEqual(least);
    expect(conversationBody.parse({})).toEqual(least);
  });

  test("completes an inline assistant, and keeps overrides for it to be read later", () => {
    const read = connectBody.parse({
      assistant: { name: "Ada" },
      assistantOverrides: { welcomeMessage: "Hi" },
    });
    expect(read.assistant?.assistantMaxTokens).toBe(256);
    expect(read.assistantOverrides).toEqual({ welcomeMessage: "Hi", dynamicVariables: {} });
  });

  test("in the vendor's other shape names numbers, not a customer", () => {
    const numbers = { userNumber: "+15550100", assistantNumber: "+15550101" };
    expect(conversationBody.parse({ ...numbers, customer: { number: "1" } })).toMatchObject(numbers);
    expect(conversationBody.parse({ ...numbers, customer: { number: "1" } })).not.toHaveProperty("customer");
  });

  test.each<[string, object, string, RegExp]>([
    ["an unknown kind of call", { callType: "sip" }, "/callType", /"web"\|"phone"\|"chat"/u],
    ["an unknown direction", { direction: "both" }, "/direction", /"inbound"\|"outbound"/u],
    ["a customer without a number", { customer: { name: "Ada" } }, "/customer/number", /^is missing/u],
    [
      "an assistant with a bad tool",
      { assistant: { name: "A", tools: [{ name: "a", server: {} }] } },
      "/assistant/tools/0/server/url",
      /^is missing/u,
    ],
    [
      "a variable with too long a name",
      { assistantOverrides: { dynamicVariables: { ["a".repeat(65)]: 1 } } },
      `/assistantOverrides/dynamicVariables/${"a".repeat(65)}`,
      /<=64 characters/u,
    ],
    ["metadata that is a text", { metadata: "x" }, "/metadata", /expected record/u],
  ])("is refused with %s", (_, given, path, message) => {
    expect(faults(connectBody, given)).toEqual([{ path, message: expect.stringMatching(message) }]);
  });
});

describe("what is said", () => {
  test("is taken without blanks around it", () =>
    expect(sayBody.parse({ text: " Hello \n" })).toEqual({ text: "Hello" }));

  test.each([
    ["nothing", {}],
    ["an empty text", { text: "" }],
    ["blanks", { text: " \n\t" }],
    ["too much", { text: "a".repeat(4_001) }],
  ])("must not be %s", (_, given) => {
    expect(faults(sayBody, given).map(({ path }) => path)).toEqual(["/text"]);
  });
});

describe("a page", () => {
  test.each<[object, object]>([
    [{}, { page: 1, size: 20 }],
    [
      { page: "3", size: "200" },
      { page: 3, size: 200 },
    ],
  ])("asked for by %j is %j", (query, read) => {
    expect(pageQuery.parse(query)).toEqual(read);
  });

  test.each([
    { page: "0" },
    { page: "-1" },
    { page: "1.5" },
    { page: "x" },
    { size: "0" },
    { size: "201" },
    { size: "Infinity" },
  ])("is not asked for by %j", (query) => {
    expect(faults(pageQuery, query).map(({ path }) => path)).toEqual([`/${Object.keys(query)[0]}`]);
  });

  test.each(["2026-11-22", "2026-11-22T09:00:00Z", "2026-11-22T09:00:00.000+02:00"])(
    "of calls may begin at %s",
    (startDate) => {
      expect(faults(callsQuery, { startDate, endDate: startDate })).toEqual([]);
    },
  );

  test.each(["22.11.2026", "2026-02-30", "2026-11-22T09:00:00", "yesterday", "1763800000"])(
    "of calls cannot begin at %s",
    (startDate) => {
      const message = "a date or a time in ISO 8601, such as 2026-11-22 or 2026-11-22T09:00:00Z";
      expect(faults(callsQuery, { startDate })).toEqual([{ path: "/startDate", message }]);
    },
  );
});
