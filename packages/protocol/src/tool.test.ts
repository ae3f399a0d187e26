import { describe, expect, test } from "vitest";
import type { z } from "zod";
import { faultsOf } from "./faults.ts";
import { flatTool, toolDefinition } from "./tool.ts";

const parameters = {
  type: "object",
  properties: { day: { type: "string", format: "date" } },
  required: ["day"],
};
const named = { name: "findSlots", description: "Finds free slots", parameters };
const server = { url: "https://app.example/slots" };

function faults(given: unknown) {
  const read = toolDefinition.safeParse(given);
  return read.success ? [] : faultsOf(read.error);
}

function flat(given: z.input<typeof toolDefinition>) {
  return flatTool(toolDefinition.parse(given));
}

/** What the vendor's page on creating a tool shows, in our words. */
const vendors = {
  type: "function",
  async: false,
  function: {
    name: "getUserDetails",
    description: "Finds a user by phone number",
    parameters: {
      type: "object",
      properties: { phoneNumber: { type: "string", example: "+919867543210" } },
      required: ["phoneNumber"],
      additionalProperties: false,
    },
    strict: false,
  },
  messages: [{ type: "request-start", content: "One moment." }],
  server: { url: "https://api.example.com/v1/user", timeoutSeconds: 20, secret: "my-secret", headers: {} },
};

describe("a tool", () => {
  const completed = { ...named, async: false, messages: [] };

  test.each<[string, z.input<typeof toolDefinition>]>([
    ["flat", named],
    ["wrapped", { type: "function", function: named }],
    ["wrapped and not strict", { type: "function", function: { ...named, strict: false } }],
    [
      "wrapped with strict null, as some clients write it",
      { type: "function", function: { ...named, strict: null } },
    ],
  ])("%s becomes the same", (_, given) => {
    expect(flat(given)).toEqual(completed);
  });

  test.each<[string, z.input<typeof toolDefinition>]>([
    [
      "wrapped, as OpenAI's chat completions have it",
      { type: "function", function: { ...named, strict: true } },
    ],
    ["flat, as OpenAI's responses have it", { ...named, strict: true }],
  ])("that is strict stays strict: %s", (_, given) => {
    expect(flat(given)).toEqual({ ...completed, strict: true });
  });

  test("of OpenAI's responses, flat and with a type, is a flat one", () => {
    expect(flat({ type: "function", ...named, strict: null })).toEqual({ ...completed, type: "function" });
  });

  test("as the vendor has it is kept as it is, but for what the defaults add", () => {
    expect(toolDefinition.parse(vendors)).toEqual({
      ...vendors,
      server: { ...vendors.server, method: "POST" },
    });
    expect(flat(vendors as z.input<typeof toolDefinition>)).toMatchObject({
      name: "getUserDetails",
      server: { secret: "my-secret" },
    });
  });

  test("with nothing but a name takes no arguments", () => {
    expect(toolDefinition.parse({ name: "ping" })).toEqual({
      name: "ping",
      description: "",
      parameters: { type: "object", properties: {} },
      async: false,
      messages: [],
    });
  });

  test("has a server of its own with the contract's defaults; which format, the request decides", () => {
    expect(flat({ name: "ping", server }).server).toEqual({
      ...server,
      method: "POST",
      timeoutSeconds: 20,
      headers: {},
    });
  });

  test("keeps what we do not know, outside and inside, in both forms", () => {
    const given = { ...named, teamId: "t", server: { ...server, region: "eu" } };
    expect(flat(given)).toMatchObject({ teamId: "t", server: { region: "eu" } });
    const around = { type: "function" as const, teamId: "t", function: { ...named, version: 2 } };
    expect(toolDefinition.parse(around)).toMatchObject({ teamId: "t", function: { version: 2 } });
    expect(flat(around)).toMatchObject({ teamId: "t", version: 2, name: "findSlots" });
  });

  test("read a second time is the same", () => {
    const once = toolDefinition.parse(vendors);
    expect(toolDefinition.parse(once)).toEqual(once);
  });
});

describe("a fault of a tool is told where it is", () => {
  const toolName = "a tool's name is 1 to 64 letters, digits, _ or -";

  test.each<[string, unknown, string, RegExp | string]>([
    ["a blank in the name", { name: "find slots" }, "/name", toolName],
    ["an empty name", { name: "" }, "/name", toolName],
    ["a name of 65 letters", { name: "a".repeat(65) }, "/name", toolName],
    ["a name with a dot", { name: "clinic.find" }, "/name", toolName],
    ["no name", { description: "x" }, "/name", /^is missing: a tool has a name of 1 to 64/u],
    ["a type and nothing else", { type: "function" }, "/name", /^is missing: a tool has a name/u],
    [
      "no name inside",
      { type: "function", function: {} },
      "/function/name",
      /^is missing: a tool has a name/u,
    ],
    ["a bad name inside", { type: "function", function: { name: "a b" } }, "/function/name", toolName],
    ["a function without its type", { function: named }, "/type", /expected "function"/u],
    ["a function of another type", { type: "tool", function: named }, "/type", /expected "function"/u],
    [
      "a function that is a text",
      { type: "function", function: "findSlots" },
      "/function",
      /expected object/u,
    ],
    ["parameters in a text", { ...named, parameters: "{}" }, "/parameters", /expected record/u],
    ["an address that is none", { ...named, server: { url: "slots" } }, "/server/url", /^not a URL/u],
    ["no address", { ...named, server: {} }, "/server/url", "is missing: expected string"],
    [
      "no address, wrapped",
      { type: "function", function: named, server: {} },
      "/server/url",
      "is missing: expected string",
    ],
    [
      "a time limit of 0 s",
      { ...named, server: { ...server, timeoutSeconds: 0 } },
      "/server/timeoutSeconds",
      /^Too small/u,
    ],
    [
      "a time limit over 600 s",
      { ...named, server: { ...server, timeoutSeconds: 601 } },
      "/server/timeoutSeconds",
      /^Too big/u,
    ],
    [
      "a method that sends nothing",
      { ...named, server: { ...server, method: "HEAD" } },
      "/server/method",
      /^Invalid option/u,
    ],
    [
      "a method in small letters",
      { ...named, server: { ...server, method: "post" } },
      "/server/method",
      /^Invalid option/u,
    ],
    [
      "an unknown format",
      { ...named, server: { ...server, format: "xml" } },
      "/server/format",
      /^Invalid option/u,
    ],
    [
      "a bad header name",
      { ...named, server: { ...server, headers: { "x y": "1" } } },
      "/server/headers/x y",
      /^not a header name/u,
    ],
    [
      "an unknown kind of message",
      { ...named, messages: [{ type: "start", content: "x" }] },
      "/messages/0/type",
      /^Invalid option/u,
    ],
    [
      "a message without words",
      { ...named, messages: [{ type: "request-start" }] },
      "/messages/0/content",
      /^is missing/u,
    ],
    ["async that is a text", { ...named, async: "yes" }, "/async", /expected boolean/u],
    ["strict that is a text", { ...named, strict: "yes" }, "/strict", /expected boolean/u],
    ["a number", 5, "", /expected object, received number/u],
    ["nothing", null, "", /expected object, received null/u],
    ["a list", [named], "", /expected object, received array/u],
  ])("%s", (_, given, path, message) => {
    const found = faults(given);
    expect(found.map((fault) => fault.path)).toEqual([path]);
    expect(found[0]?.message).toMatch(message);
  });

  test("and all of them at once", () => {
    const found = faults({ type: "function", function: { name: "a b" }, server: { url: "x" }, async: 1 });
    expect(found.map(({ path }) => path).toSorted()).toEqual(["/async", "/function/name", "/server/url"]);
  });
});
