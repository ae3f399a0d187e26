import { gzipSync } from "node:zlib";
import { type Json, type ToolOutcome, toolOutcome } from "@offhook/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { quoteCharactersMax, understand } from "./understand.ts";

const asked = { name: "findSlots", toolCallId: "tool_1", modelCallId: "call_abc" };

function read(
  body: string | Uint8Array,
  over: { status?: number; headers?: Record<string, string> } = {},
): ToolOutcome {
  return understand({ status: 200, headers: {}, ...over, body: Buffer.from(body) }, asked);
}

const result = (value: Json, understoodAs: string): object => ({
  kind: "result",
  result: value,
  understoodAs,
});
const error = (code: string, words: string): object => ({
  kind: "error",
  code,
  error: expect.stringContaining(words),
});

const long = "x".repeat(600);

const table: [body: string, expected: object][] = [
  // {"result": text}
  ['{"result":"10:00 and 11:00"}', result("10:00 and 11:00", "result-text")],
  ['{"result":""}', result("", "result-text")],
  ['{"result":"two\\nlines"}', result("two\nlines", "result-text")],
  ['{"result":"42"}', result("42", "result-text")],
  ['{"result":"true"}', result("true", "result-text")],
  ['{"result":"{not json"}', result("{not json", "result-text")],
  ['{"result":"[sic]"}', result("[sic]", "result-text")],
  ['{"result":"ok","extra":1}', result("ok", "result-text")],
  // {"result": "<JSON as a string>"}
  ['{"result":"{\\"slots\\":[\\"10:00\\"]}"}', result({ slots: ["10:00"] }, "result-json-text")],
  ['{"result":"[1,2]"}', result([1, 2], "result-json-text")],
  ['{"result":" {} "}', result({}, "result-json-text")],
  // {"result": any JSON}
  ['{"result":{"slots":[]}}', result({ slots: [] }, "result-json")],
  ['{"result":[1,"a",null]}', result([1, "a", null], "result-json")],
  ['{"result":7}', result(7, "result-json")],
  ['{"result":false}', result(false, "result-json")],
  ['{"result":null}', result(null, "result-json")],
  // {"results": […]}
  ['{"results":[{"toolCallId":"tool_1","result":"a"}]}', result("a", "results-list")],
  ['{"results":[{"toolCallId":"call_abc","result":"a"}]}', result("a", "results-list")],
  [
    '{"results":[{"toolCallId":"other","result":"b"},{"toolCallId":"tool_1","result":"a"}]}',
    result("a", "results-list"),
  ],
  ['{"results":[{"toolCallId":"other","result":"a"}]}', result("a", "results-list")],
  ['{"results":[{"result":{"a":1}}]}', result({ a: 1 }, "results-list")],
  ['{"results":[{"toolCallId":"tool_1","result":"{\\"a\\":1}"}]}', result({ a: 1 }, "results-list")],
  ['{"results":[{"toolCallId":"tool_1"}]}', result(null, "results-list")],
  ['{"results":[{"toolCallId":"tool_1","result":"a"},{"note":"unrelated"}]}', result("a", "results-list")],
  ['{"results":[{"toolCallId":"tool_1","error":"no slots"}]}', error("results-list-error", "no slots")],
  [
    '{"results":[{"toolCallId":"tool_1","result":null,"error":"no slots"}]}',
    error("results-list-error", "no slots"),
  ],
  [
    '{"results":[{"toolCallId":"a","result":1},{"toolCallId":"b","result":2}]}',
    error("wrong-tool-call-id", "results for a, b, but not for tool_1"),
  ],
  ['{"results":[{"result":1},{"result":2}]}', error("wrong-tool-call-id", "results for none, none")],
  // `results` that is the tool's own
  ['{"results":[{"title":"A page"}]}', result({ results: [{ title: "A page" }] }, "other-json")],
  ['{"results":[]}', result({ results: [] }, "other-json")],
  ['{"results":["a","b"]}', result({ results: ["a", "b"] }, "other-json")],
  ['{"results":"none"}', result({ results: "none" }, "other-json")],
  // {"error": …}
  ['{"error":"the calendar is closed"}', error("error-field", "the calendar is closed")],
  ['{"error":{"message":"closed","code":3}}', error("error-field", "closed")],
  ['{"error":{"code":3}}', error("error-field", '{"code":3}')],
  ['{"error":true,"message":"closed"}', error("error-field", "closed")],
  ['{"error":true}', error("error-field", "true")],
  ['{"error":["a","b"]}', error("error-field", '["a","b"]')],
  ['{"result":null,"error":"closed"}', error("error-field", "closed")],
  ['{"result":"ok","error":null}', result("ok", "result-text")],
  ['{"result":"ok","error":"but slow"}', result("ok", "result-text")],
  ['{"error":null,"slots":[]}', result({ error: null, slots: [] }, "other-json")],
  ['{"error":false}', result({ error: false }, "other-json")],
  ['{"error":"","slots":[1]}', result({ error: "", slots: [1] }, "other-json")],
  // Other JSON
  ['{"slots":["10:00"]}', result({ slots: ["10:00"] }, "other-json")],
  ["{}", result({}, "other-json")],
  ["[]", result([], "other-json")],
  ["[1,2]", result([1, 2], "other-json")],
  ['"just text"', result("just text", "other-json")],
  ["42", result(42, "other-json")],
  ["null", result(null, "other-json")],
  ["true", result(true, "other-json")],
  ['  {"result":"padded"}\r\n', result("padded", "result-text")],
  ['\ufeff{"result":"with a BOM"}', result("with a BOM", "result-text")],
  ['{"Result":"capital"}', result({ Result: "capital" }, "other-json")],
  ['{"__proto__":{"result":"evil"}}', { kind: "result", understoodAs: "other-json" }],
  ['{"result":12345678901234567890}', result("12345678901234567890", "result-text")],
  [
    '{"id":-12345678901234567890,"small":1234567890123456.5}',
    result({ id: "-12345678901234567890", small: 1234567890123456.5 }, "other-json"),
  ],
  // Newline-delimited JSON
  ['{"a":1}\n{"b":2}\n', result([{ a: 1 }, { b: 2 }], "other-json")],
  ['{"a":1}\r\n[2]', result([{ a: 1 }, [2]], "other-json")],
  ['{"a":1}\nnot json', result('{"a":1}\nnot json', "plain-text")],
  // Plain text
  ["We have 10:00 and 11:00.", result("We have 10:00 and 11:00.", "plain-text")],
  ["OK\n", result("OK", "plain-text")],
  ["{'slots': ['10:00']}", result("{'slots': ['10:00']}", "plain-text")],
  ['{"result":"cut off', result('{"result":"cut off', "plain-text")],
  ["a < b", result("a < b", "plain-text")],
  ["Olá, 你好 🙂", result("Olá, 你好 🙂", "plain-text")],
  // Nothing
  ["", result(null, "empty")],
  [" \r\n\t", result(null, "empty")],
  ["\ufeff", result(null, "empty")],
  // Web pages
  [
    "<!DOCTYPE html><html><head><title>Sign in</title></head></html>",
    error("html-page", "a web page (“Sign in”)"),
  ],
  ["\n<html lang='en'><body>hi</body></html>", error("html-page", "a web page instead of a result")],
  ["<!-- built --><!doctype html><title>App</title>", error("html-page", "“App”")],
];

test.each(table)("%j", (body, expected) => {
  expect(read(body)).toMatchObject(expected);
  expect(read(body, { headers: { "content-type": "text/html" } })).toMatchObject(expected);
  expect(read(body, { status: 201, headers: { "content-type": "application/octet-stream" } })).toMatchObject(
    expected,
  );
});

describe("a status other than 2xx", () => {
  test.each([
    [500, "", "findSlots answered 500 Internal Server Error."],
    [500, "boom", "findSlots answered 500 Internal Server Error: boom"],
    [404, '{"error":"no such doctor"}', "findSlots answered 404 Not Found: no such doctor"],
    [422, '{"error":{"message":"bad date"}}', "findSlots answered 422 Unprocessable Entity: bad date"],
    [400, '{"detail":"bad date"}', 'findSlots answered 400 Bad Request: {"detail":"bad date"}'],
    [500, '{"result":"ok"}', 'findSlots answered 500 Internal Server Error: {"result":"ok"}'],
    [
      502,
      "<html><head><title>502 Bad Gateway</title></head></html>",
      "findSlots answered 502 Bad Gateway: 502 Bad Gateway",
    ],
    [502, "<html><body>x</body></html>", "findSlots answered 502 Bad Gateway."],
    [500, long, `findSlots answered 500 Internal Server Error: ${"x".repeat(quoteCharactersMax)}…`],
    [304, "", "findSlots answered 304 Not Modified."],
    [599, "", "findSlots answered 599."],
  ])("%i %j", (status, body, words) => {
    expect(read(body, { status })).toEqual({ kind: "error", code: "bad-status", error: words });
  });

  test("a redirect says where to, and that it is not followed", () => {
    const words = "findSlots answered 302 Found, a redirect to /login, and redirects are not followed.";
    expect(read("", { status: 302, headers: { location: "/login" } })).toEqual({
      kind: "error",
      code: "bad-status",
      error: words,
    });
  });

  test("bytes that are no text are left out", () => {
    expect(read(new Uint8Array([0xff, 0xfe, 0xfd, 0xfc, 0xdc]), { status: 500 })).toMatchObject({
      error: "findSlots answered 500 Internal Server Error.",
    });
  });
});

describe("bytes", () => {
  test("that are not UTF-8 are said to be", () => {
    expect(read(new Uint8Array([0x7b, 0xff, 0x7d]))).toMatchObject(error("unreadable", "not text in UTF-8"));
  });

  test("in the charset that the content type names are read", () => {
    const headers = { "content-type": "text/plain; charset=ISO-8859-1" };
    expect(read(new Uint8Array([0x67, 0x72, 0xfc, 0x6e]), { headers })).toEqual(result("grün", "plain-text"));
    expect(read('{"result":"grün"}', { headers })).toEqual(result("grün", "result-text"));
    expect(
      read(new Uint8Array([0xff]), { headers: { "content-type": "text/plain; charset=no-such" } }),
    ).toMatchObject(error("unreadable", "UTF-8"));
  });

  test("in UTF-16 are read, if they say so", () => {
    expect(read(Buffer.from('\ufeff{"result":"grün"}', "utf16le"))).toEqual(result("grün", "result-text"));
  });

  test("that are compressed are said to be", () => {
    expect(read(gzipSync("hello"), { headers: { "content-encoding": "gzip" } })).toMatchObject(
      error("unreadable", "compressed (gzip), though it was asked not to"),
    );
    expect(read("hello", { headers: { "content-encoding": "identity" } })).toEqual(
      result("hello", "plain-text"),
    );
  });
});

describe("whatever comes", () => {
  test("what is nested too deeply stays text, and can be written again", () => {
    const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
    expect(read(deep)).toEqual(result(deep, "plain-text"));
    expect(read(JSON.stringify({ result: deep }))).toEqual(result(deep, "result-text"));
    expect(read(`{"result":${"[".repeat(63)}${"]".repeat(63)}}`)).toMatchObject({
      understoodAs: "result-json",
    });
  });

  test("a very wide answer is read", () => {
    expect(read(JSON.stringify({ result: Array.from({ length: 130_000 }, () => 1) }))).toMatchObject({
      understoodAs: "result-json",
    });
  });

  test("any bytes, any status: an outcome that the journal can hold", () => {
    const bodies = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.string({ unit: "binary" }).map((text) => Buffer.from(text)),
      fc.json().map((text) => Buffer.from(text)),
      fc.json().map((text) => Buffer.from(`{"result":${text},"error":${text}}`)),
      fc.json().map((text) => Buffer.from(`{"results":[${text},{"toolCallId":"tool_1","result":${text}}]}`)),
    );
    fc.assert(
      fc.property(bodies, fc.integer({ min: 200, max: 599 }), fc.string(), (body, status, type) => {
        const outcome = understand(
          { status, headers: { "content-type": type, "content-encoding": "" }, body },
          asked,
        );
        expect(toolOutcome.safeParse(outcome).success).toBe(true);
        expect(outcome.kind === "error" ? outcome.error : "result").not.toBe("");
        if (status > 299) expect(outcome.kind).toBe("error");
      }),
      { numRuns: 500 },
    );
  });
});
