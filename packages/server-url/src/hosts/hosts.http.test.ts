import { createServer, type Server } from "node:http";
import { serve } from "@hono/node-server";
import type { APIGatewayProxyEvent, APIGatewayProxyEventV2, Handler } from "aws-lambda";
import express from "express";
import fastify from "fastify";
import { Hono } from "hono";
import { afterEach, describe, expect, it } from "vitest";
import { lastingHost } from "../incoming.ts";
import { serverUrl } from "../receiver.ts";
import { answerOf, functionCall, moment, post, secret } from "../testing/post.ts";
import { fixture } from "../testing/kit.ts";
import { tool } from "../tool.ts";
import { toExpress } from "./express.ts";
import { toFastify } from "./fastify.ts";
import { toHono } from "./hono.ts";
import { toLambda } from "./lambda.ts";
import { toNext } from "./next.ts";
import { toNode } from "./node.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A receiver with a tool, a slow handler, and what it has seen. */
function made() {
  const seen: unknown[] = [];
  const gate = Promise.withResolvers<void>();
  const receiver = serverUrl({
    secret,
    now: () => moment,
    answerAfterMs: 20,
    limits: { bodyBytesMax: 100_000 },
    tools: { look: tool({ description: "", parameters: {}, run: () => ({ slots: ["ü"] }) }) },
    assistant: ({ customer }) => ({
      assistantId: "asst-1",
      assistantOverrides: { dynamicVariables: { who: customer.name ?? "" } },
    }),
    on: { hang: ({ original }) => seen.push(original), error: () => gate.promise },
    onExchange: ({ path }) => seen.push(path),
  });
  return { receiver, seen, open: gate.resolve };
}
type Made = ReturnType<typeof made>;

const portOf = (server: { address(): unknown }): number => Number(Object(server.address()).port);

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => server.close());
  return `http://127.0.0.1:${portOf(server)}/offhook`;
}

/** Each host's application, with a body parser of its own beside the receiver, and its address. */
const hosts: Record<string, (given: Made) => Promise<string>> = {
  node: ({ receiver }) => listening(createServer(toNode(receiver))),
  express({ receiver }) {
    const app = express();
    app.all("/offhook", toExpress(receiver));
    app.use(express.json());
    return listening(createServer(app));
  },
  async fastify({ receiver }) {
    const app = fastify();
    app.post("/other", async ({ body }) => ({ body }));
    await app.register(toFastify(receiver), { prefix: "/offhook" });
    closing.push(() => app.close());
    return `${await app.listen({ port: 0, host: "127.0.0.1" })}/offhook`;
  },
  hono({ receiver }) {
    const app = new Hono().all("/offhook", toHono(receiver, lastingHost));
    return new Promise((resolve) => {
      const server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, ({ port }) =>
        resolve(`http://127.0.0.1:${port}/offhook`),
      );
      closing.push(() => server.close());
    });
  },
};

const named = {
  status: 200,
  body: { assistantId: "asst-1", assistantOverrides: { dynamicVariables: { who: "Sample" } } },
};

describe.each(Object.entries(hosts))("behind %s, over HTTP", (_, open) => {
  const text = '{ "message" : {"type":"hang", "note":"ü – 東京"} }';

  it("reads the body byte for byte, and answers a tool", async () => {
    const given = made();
    const url = await open(given);
    const told = await fetch(await post(text, { url: `${url}?a=b` }));
    expect(told.headers.get("content-type")).toBe("application/json");
    expect(await answerOf(told)).toEqual({ status: 200, body: { received: true } });
    expect(given.seen).toEqual([JSON.parse(text), "/offhook"]);
    const asked = await fetch(await post(functionCall("look", {}), { url }));
    expect(await answerOf(asked)).toEqual({ status: 200, body: { result: '{"slots":["ü"]}' } });
  });

  it("says who answers a call", async () => {
    const url = await open(made());
    expect(await answerOf(await fetch(await post(fixture("assistant-request"), { url })))).toEqual(named);
  });

  it.each([
    ["a forged signature", 401, (url: string) => post(text, { url, secret: "another" })],
    [
      "another type of body",
      415,
      (url: string) => post(text, { url, headers: { "content-type": "text/csv" } }),
    ],
    ["a form", 415, async (url: string) => new Request(url, { method: "POST", body: new FormData() })],
    ["GET", 405, async (url: string) => new Request(url)],
    ["too long a body", 413, (url: string) => post("x".repeat(200_000), { url })],
    ["no JSON", 400, (url: string) => post("{", { url })],
  ])("refuses %s with a sentence", async (_case, status, request) => {
    const url = await open(made());
    const answer = await answerOf(await fetch(await request(url)));
    expect(answer).toEqual({ status, body: { error: expect.any(String) } });
  });

  it("answers before a slow handler is done", async () => {
    const given = made();
    const url = await open(given);
    const answer = await answerOf(await fetch(await post({ message: { type: "error" } }, { url })));
    expect(answer.status).toBe(200);
    given.open();
    await given.receiver.settled();
  });
});

describe("beside a receiver", () => {
  it("Express says so when its body parser was there first", async () => {
    const app = express();
    app.use(express.json());
    app.all("/offhook", toExpress(made().receiver));
    const url = await listening(createServer(app));
    const { status, body } = await answerOf(await fetch(await post("{}", { url })));
    expect({ status, body }).toEqual({
      status: 500,
      body: { error: expect.stringContaining("before any body parser") },
    });
  });

  it("a host that keeps the raw body hands it over, as Google Cloud Functions do", async () => {
    const app = express();
    app.use(express.json({ verify: (request, _, rawBody) => Object.assign(request, { rawBody }) }));
    app.all("/offhook", toExpress(made().receiver));
    const url = await listening(createServer(app));
    expect((await fetch(await post('{ "a" : 1 }', { url }))).status).toBe(200);
    expect((await fetch(await post({ a: "x".repeat(100_000) }, { url }))).status).toBe(413);
  });

  it("Fastify still reads JSON elsewhere", async () => {
    const url = await hosts.fastify!(made());
    const other = await fetch(await post('{"a":1}', { url: url.replace("/offhook", "/other") }));
    expect(await other.json()).toEqual({ body: { a: 1 } });
  });

  it("Hono hands over its execution context", async () => {
    const { receiver, open } = made();
    const kept: Promise<unknown>[] = [];
    const app = new Hono().all("/offhook", toHono(receiver));
    const context = {
      waitUntil: (work: Promise<unknown>) => void kept.push(work),
      passThroughOnException: () => undefined,
      props: {},
    };
    const answered = await app.fetch(await post({ message: { type: "error" } }), {}, context);
    expect(answered.status).toBe(200);
    expect(kept).toHaveLength(1);
    open();
    await Promise.all(kept);
  });
});

describe("behind Next's router", () => {
  it("takes a POST, and hands what goes on to `after`", async () => {
    const { receiver, open } = made();
    const kept: Promise<unknown>[] = [];
    const { POST } = toNext(receiver, { after: (work) => void kept.push(work) });
    expect((await POST(await post({ message: { type: "error" } }))).status).toBe(200);
    open();
    expect(kept).toHaveLength(1);
    await Promise.all(kept);
    expect((await toNext(receiver).POST(await post({ message: { type: "hang" } }))).status).toBe(200);
  });

  it("says who answers a call", async () => {
    const { POST } = toNext(made().receiver);
    expect(await answerOf(await POST(await post(fixture("assistant-request"))))).toEqual(named);
  });
});

describe("as a Lambda function", () => {
  type V2 = Pick<
    APIGatewayProxyEventV2,
    "headers" | "body" | "isBase64Encoded" | "rawPath" | "rawQueryString"
  >;
  const text = '{ "message" : {"type":"hang", "note":"ü – 東京"} }';

  it("has the type of one", () => {
    const handler: Handler<APIGatewayProxyEvent | APIGatewayProxyEventV2> = toLambda(made().receiver);
    expect(handler).toBeTypeOf("function");
  });

  async function v2(
    body: string,
    isBase64Encoded = false,
  ): Promise<V2 & { requestContext: { http: { method: string } } }> {
    const headers = Object.fromEntries((await post(body)).headers);
    return {
      headers,
      isBase64Encoded,
      rawPath: "/offhook",
      rawQueryString: "a=b",
      body: isBase64Encoded ? Buffer.from(body).toString("base64") : body,
      requestContext: { http: { method: "POST" } },
    };
  }

  it.each([false, true])("reads an event of payload 2.0, in base64: %s", async (isBase64Encoded) => {
    const { receiver, seen } = made();
    expect(await toLambda(receiver)(await v2(text, isBase64Encoded))).toEqual({
      statusCode: 200,
      headers: { "content-type": "application/json" },
      body: '{"received":true}',
      isBase64Encoded: false,
    });
    expect(seen).toEqual([JSON.parse(text), "/offhook"]);
  });

  it("reads an event of payload 1.0, with its headers as they were written", async () => {
    const { headers } = await v2(text);
    const shouted = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value]),
    );
    const event = { httpMethod: "POST", path: "/offhook", headers: shouted, body: text };
    expect(await toLambda(made().receiver)(event)).toMatchObject({ statusCode: 200 });
    const many = Object.fromEntries(Object.entries(shouted).map(([name, value]) => [name, [value ?? ""]]));
    const listed = { ...event, headers: null, multiValueHeaders: many, queryStringParameters: null };
    expect(await toLambda(made().receiver)(listed)).toMatchObject({ statusCode: 200 });
  });

  it("says who answers a call", async () => {
    const answer = await toLambda(made().receiver)(await v2(JSON.stringify(fixture("assistant-request"))));
    expect({ status: answer.statusCode, body: JSON.parse(answer.body) }).toEqual(named);
  });

  it("takes a tool's name from the address", async () => {
    const event = { ...(await v2("{}")), rawQueryString: "tool=look" };
    expect(await toLambda(made().receiver)(event)).toMatchObject({
      body: '{"result":"{\\"slots\\":[\\"ü\\"]}"}',
    });
    const old = {
      httpMethod: "POST",
      headers: event.headers,
      body: "{}",
      queryStringParameters: { tool: "look" },
    };
    expect(await toLambda(made().receiver)(old)).toMatchObject({
      statusCode: 200,
      body: expect.stringContaining("slots"),
    });
  });

  it.each([
    ["a GET", { requestContext: { http: { method: "GET" } } }, 405],
    ["nothing", {}, 405],
    [
      "a long body",
      { httpMethod: "POST", headers: { "content-type": "application/json" }, body: "x".repeat(100_001) },
      413,
    ],
  ])("refuses %s", async (_, event, statusCode) => {
    expect(await toLambda(made().receiver)(event)).toMatchObject({ statusCode });
  });
});
