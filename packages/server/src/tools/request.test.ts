import { verify } from "@offhook/protocol";
import { describe, expect, test } from "vitest";
import { type ToolCall, toolRequest, type ToolServer } from "./request.ts";

const of = { attempt: 2, nowMs: 1_700_000_000_000, traceparent: "00-a-b-01" };

function call(over: Partial<Omit<ToolCall, "server">> & { server?: Partial<ToolServer> } = {}): ToolCall {
  const { server, ...rest } = over;
  return {
    tool: { name: "findSlots" },
    callId: "TC-1",
    toolCallId: "tool_1",
    arguments: { day: "monday" },
    envelope: { type: "function-call", functionCall: { id: "tool_1" } },
    ...rest,
    server: {
      url: "https://hook.example/tools",
      timeoutSeconds: 20,
      headers: {},
      auth: "signature",
      method: "POST",
      format: "arguments",
      ...server,
    },
  };
}

describe("the body", () => {
  test("is the envelope as it was handed in", () => {
    const { body, url, method } = toolRequest(call({ server: { format: "envelope" } }), of);
    expect([method, url, body]).toEqual([
      "POST",
      "https://hook.example/tools",
      '{"message":{"type":"function-call","functionCall":{"id":"tool_1"}}}',
    ]);
  });

  test("is the bare arguments, with the static ones in the place of the model's", () => {
    const tool = { name: "findSlots", staticParameters: { clinic: "c-1", day: "tuesday" } };
    expect(toolRequest(call({ tool }), of).body).toBe('{"day":"tuesday","clinic":"c-1"}');
  });

  test.each(["PUT", "PATCH"] as const)("goes along with %s", (method) => {
    expect(toolRequest(call({ server: { method } }), of)).toMatchObject({ method, body: '{"day":"monday"}' });
  });
});

describe("GET and DELETE", () => {
  test.each(["GET", "DELETE"] as const)(
    "%s carries the arguments in the query, text as it is and the rest as JSON",
    (method) => {
      const given = {
        day: "monday & tuesday",
        count: 3,
        open: true,
        none: null,
        list: [1, 2],
        deep: { a: "ü" },
      };
      const { url, body } = toolRequest(call({ arguments: given, server: { method } }), of);
      const expected = {
        day: "monday & tuesday",
        count: "3",
        open: "true",
        none: "null",
        list: "[1,2]",
        deep: '{"a":"ü"}',
      };
      expect([Object.fromEntries(new URL(url).searchParams), body]).toEqual([expected, ""]);
    },
  );

  test("leave the URL's own query as it was written, and let nobody change it", () => {
    const server = { method: "GET", url: "https://hook.example/t?sig=a%20b%2Bc&clinic=c-1#part" } as const;
    const { url } = toolRequest(call({ arguments: { clinic: "evil", day: "monday" }, server }), of);
    expect(url).toBe("https://hook.example/t?sig=a%20b%2Bc&clinic=c-1&day=monday#part");
  });

  test("without arguments leave the URL alone", () => {
    expect(toolRequest(call({ arguments: {}, server: { method: "GET" } }), of).url).toBe(
      "https://hook.example/tools",
    );
  });

  test("carry static arguments, and no envelope", () => {
    const tool = { name: "findSlots", staticParameters: { clinic: "c-1" } };
    const { url } = toolRequest(call({ tool, server: { method: "GET", format: "envelope" } }), of);
    expect(url).toBe("https://hook.example/tools?day=monday&clinic=c-1");
  });
});

describe("the headers", () => {
  test("name the call and the tool, and the tool call's id is the webhook's", () => {
    const { headers } = toolRequest(call({ server: { secret: "a secret of ours" } }), of);
    expect(headers).toMatchObject({
      "webhook-id": "tool_1",
      "webhook-timestamp": "1700000000",
      "offhook-attempt": "2",
      "offhook-call-id": "TC-1",
      "offhook-tool-call-id": "tool_1",
      "offhook-tool-name": "findSlots",
      traceparent: "00-a-b-01",
    });
  });

  test.each(["POST", "GET"] as const)("sign what is sent by %s", async (method) => {
    const { headers, body } = toolRequest(call({ server: { secret: "a secret of ours", method } }), of);
    const signed = {
      id: "tool_1",
      timestamp: headers["webhook-timestamp"] ?? "",
      signature: headers["webhook-signature"] ?? "",
    };
    expect(
      await verify({ secrets: ["a secret of ours"], headers: signed, body, now: of.nowMs }),
    ).toBeUndefined();
  });
});
