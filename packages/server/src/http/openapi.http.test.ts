import { Validator } from "@seriousme/openapi-schema-validator";
import { defaultTells, type JsonObject, sampleTypes, tellTypes, wireHeaders } from "@offhook/protocol";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sampleLetter } from "../delivery/sample.ts";
import { openServer, type TestServer } from "./testing/open-server.ts";

type Operation = JsonObject & { operationId: string; description: string; parameters: { name: string }[] };
type Document = {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  webhooks: Record<string, { post: Operation }>;
  components: { schemas: JsonObject };
};

let server: TestServer;
let document: Document;
beforeAll(async () => {
  server = await openServer();
  document = JSON.parse(await (await fetch(`${server.url}/openapi.json`)).text());
});
afterAll(() => server.close());

test("the document is OpenAPI 3.1, by the specification's own schema", async () => {
  const result = await new Validator().validate({ ...document });
  expect(result.errors ?? []).toEqual([]);
  expect(result.valid).toBe(true);
  expect(document.openapi).toBe("3.1.0");
});

test("every reference leads somewhere, and nothing is described in vain", () => {
  const referred = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/gu)].map(
    ([, name]) => name,
  );
  const defined = Object.keys(document.components.schemas);
  expect(referred.filter((name) => !defined.includes(name ?? ""))).toEqual([]);
  expect(defined.filter((name) => !referred.includes(name) && !name.startsWith("Live"))).toEqual([]);
});

test("every operation has a name of its own and says what it does", () => {
  const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
  expect(operations.length).toBeGreaterThan(30);
  const names = operations.map(({ operationId }) => operationId);
  expect(new Set(names).size).toBe(names.length);
  expect(operations.filter(({ description }) => description.length < 10)).toEqual([]);
});

test("every path of the contract is there", () => {
  expect(
    Object.entries(document.paths).map(([path, methods]) => `${path} ${Object.keys(methods).join(" ")}`),
  ).toEqual([
    "/ get",
    "/healthz get",
    "/readyz get",
    "/openapi.json get",
    "/session post get delete",
    "/metrics get",
    "/assistants/v1/assistants post get",
    "/assistants/v1/assistants/{id} get patch delete",
    "/assistants/v1/tools post get",
    "/assistants/v1/tools/{id} get patch delete",
    "/assistants/v1/numbers post get",
    "/assistants/v1/numbers/{id} get patch delete",
    "/assistants/v1/assistants/{id}/server/rotate-secret post",
    "/assistants/v1/tools/{id}/server/rotate-secret post",
    "/assistants/v1/tools/{id}/test post",
    "/calls/v1/conversations/connect post",
    "/calls/v1/conversations post get",
    "/calls/v1/conversations/{id} get",
    "/calls/v1/conversations/{id}/control post",
    "/calls/v1/conversations/{id}/messages post",
    "/calls/v1/conversations/{id}/live get",
    "/calls/v1/conversations/{id}/events get",
    "/events/v1/events get",
    "/events/v1/listen get",
    "/events/v1/listen/{id} post",
    "/calls/v1/conversations/{id}/deliveries get",
    "/events/v1/deliveries get",
    "/events/v1/deliveries/{id} get",
    "/events/v1/deliveries/redeliver post",
    "/events/v1/deliveries/{id}/redeliver post",
    "/events/v1/overview get",
    "/events/v1/test post",
    "/keys/v1/keys post get",
    "/keys/v1/keys/{id} delete",
  ]);
});

test("the messages to a Server URL are under webhooks, with their headers", () => {
  expect(Object.keys(document.webhooks)).toEqual([...tellTypes, "function-call", "assistant-request"]);
  const headersOf = (type: string) => document.webhooks[type]?.post.parameters.map(({ name }) => name) ?? [];
  for (const type of defaultTells) {
    expect(headersOf(type)).toEqual(
      expect.arrayContaining([wireHeaders.id, wireHeaders.timestamp, wireHeaders.signature, "traceparent"]),
    );
  }
  expect(headersOf("function-call")).toEqual(
    expect.arrayContaining([wireHeaders.callId, wireHeaders.toolCallId, wireHeaders.toolName]),
  );
});

test.each(
  sampleTypes.flatMap((type) => (["2025-04", "2026-03"] as const).map((format) => ({ type, format }))),
)("what is sent as $type in $format fits what is said of it", ({ type, format }) => {
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
  ajv.addSchema(document, "api");
  const validate = ajv.compile({
    $ref: `api#/webhooks/${type}/post/requestBody/content/application~1json/schema`,
  });
  expect(validate(JSON.parse(sampleLetter(type, format).body)), ajv.errorsText(validate.errors)).toBe(true);
});

test("the document is made once for an address", async () => {
  const [one, other] = await Promise.all(
    [0, 1].map(async () => (await fetch(`${server.url}/openapi.json`)).text()),
  );
  expect(one).toBe(other);
});
