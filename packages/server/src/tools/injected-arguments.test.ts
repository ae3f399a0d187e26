import type { JsonObject } from "@offhook/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readArguments } from "./arguments.ts";
import { toolRequest, type ToolServer } from "./request.ts";

/** What somebody can do who talks a model into calling a tool with arguments of his choice. */
const server: ToolServer = {
  url: "https://hook.example/tools?key=of-the-owner",
  timeoutSeconds: 20,
  headers: { authorization: "Bearer of-the-owner" },
  secret: "a secret of the owner's",
  auth: "both",
  method: "POST",
  format: "arguments",
};
const of = { attempt: 1, nowMs: 1_700_000_000_000, traceparent: "00-a-b-01" };

function request(given: JsonObject, method: ToolServer["method"], format: ToolServer["format"]) {
  return toolRequest(
    {
      tool: { name: "book", staticParameters: { clinic: "c-1" } },
      callId: "TC-1",
      toolCallId: "tool_1",
      arguments: given,
      envelope: { type: "function-call", functionCall: { id: "tool_1", name: "book", parameters: given } },
      server: { ...server, method, format },
    },
    of,
  );
}

const nasty = fc.constantFrom(
  "__proto__",
  "constructor",
  "authorization",
  "host",
  "webhook-id",
  "url",
  "clinic",
  "key",
  "a\r\nx-evil: 1",
  "//evil.example/",
  "../../admin",
  "#",
  "@evil.example",
  "&key=mine&",
  "\0",
);
const word = fc.oneof(nasty, fc.string({ unit: "binary" }));
const argumentsOf = fc.dictionary(
  word,
  fc.oneof(word, fc.integer(), fc.boolean(), fc.constant(null), fc.array(word)),
);
const method = fc.constantFrom<ToolServer["method"]>("POST", "GET", "PUT", "PATCH", "DELETE");
const format = fc.constantFrom<ToolServer["format"]>("arguments", "envelope");

describe("whatever arguments a model was talked into", () => {
  test("the request goes to the same place, under the same headers", () => {
    const plain = (name: string): boolean => name !== "webhook-signature";
    fc.assert(
      fc.property(argumentsOf, method, format, (given, by, as) => {
        const [made, empty] = [request(given, by, as), request({}, by, as)];
        const [to, expected] = [new URL(made.url), new URL(empty.url)];
        expect([to.origin, to.pathname, to.hash]).toEqual([
          expected.origin,
          expected.pathname,
          expected.hash,
        ]);
        expect(made.method).toBe(by);
        const [sent, meant] = [made.headers, empty.headers].map((headers) =>
          Object.fromEntries(Object.entries(headers).filter(([name]) => plain(name))),
        );
        expect(sent).toEqual(meant);
      }),
    );
  });

  test("what the owner has set stands: the query of the URL, and the static parameters", () => {
    fc.assert(
      fc.property(argumentsOf, (given) => {
        const query = new URL(request(given, "GET", "arguments").url).searchParams;
        expect([query.getAll("key"), query.getAll("clinic")]).toEqual([["of-the-owner"], ["c-1"]]);
        const body = JSON.parse(request(given, "POST", "arguments").body) as JsonObject;
        expect(body["clinic"]).toBe("c-1");
      }),
    );
  });

  test("reading them touches no object of ours", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        readArguments("book", text);
        readArguments(
          "book",
          `{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}`,
        );
        expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
      }),
    );
  });
});
