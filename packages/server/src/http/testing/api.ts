import type { JsonObject } from "@offhook/protocol";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect } from "vitest";
import { z } from "zod";
import type { App } from "../parts.ts";
import type { TestServer } from "./open-server.ts";

export type Asked = {
  /** Its own team's by default; null for none. */
  key?: string | null;
  /** Sent as JSON. */
  json?: unknown;
  /** Sent as it is. */
  body?: BodyInit;
  headers?: Record<string, string>;
};

export type Answered = { status: number; headers: Headers; text: string; body: JsonObject };

/** A text in an answer; it fails when there is none. */
export function textAt(body: JsonObject, name: string): string {
  const value = body[name];
  if (typeof value !== "string") throw new Error(`${name} is no text in ${JSON.stringify(body)}`);
  return value;
}

export type Api = (method: string, path: string, asked?: Asked) => Promise<Answered>;

/** Asks a server over HTTP, and holds every answer to what the document says of it. */
export function apiOf(server: Pick<TestServer, "url" | "key" | "app">): Api {
  let check: Check | undefined;
  return async (method, path, { key = server.key, json, body, headers = {} } = {}) => {
    const response = await fetch(`${server.url}${path}`, {
      method,
      headers: {
        ...(key === null ? {} : { authorization: `Bearer ${key}` }),
        ...(json === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
      ...(body === undefined ? {} : { body, duplex: "half" }),
    });
    const text = await response.text();
    const isJson = /json/u.test(response.headers.get("content-type") ?? "");
    const answered: Answered = {
      status: response.status,
      headers: response.headers,
      text,
      body: isJson && text !== "" ? bodySchema.parse(JSON.parse(text)) : {},
    };
    check ??= await checkOf(server.app);
    check({ method: method.toLowerCase(), path, answered });
    return answered;
  };
}

type Check = (given: { method: string; path: string; answered: Answered }) => void;

const bodySchema = z.record(z.string(), z.json());

const answerSchema = z.looseObject({ content: z.record(z.string(), z.unknown()).optional() });
const operationSchema = z.looseObject({ responses: z.record(z.string(), answerSchema) });
const documentSchema = z.looseObject({ paths: z.record(z.string(), z.record(z.string(), operationSchema)) });

async function checkOf(app: App): Promise<Check> {
  const document = documentSchema.parse(await (await app.request("/openapi.json")).json());
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
  ajv.addSchema(document, "api");
  const templates = Object.keys(document.paths).toSorted(
    (one, other) => one.split("{").length - other.split("{").length,
  );
  return ({ method, path, answered }) => {
    const [bare = ""] = path.split("?");
    const template = templates.find((one) =>
      new RegExp(`^${one.replaceAll(/\{[^}]+\}/gu, "[^/]+")}$`, "u").test(bare),
    );
    const operation = template === undefined ? undefined : document.paths[template]?.[method];
    if (template === undefined || operation === undefined) return;
    const status = Object.hasOwn(operation.responses, answered.status) ? String(answered.status) : "default";
    const type = (answered.headers.get("content-type") ?? "").split(";")[0] ?? "";
    const content = operation.responses[status]?.content;
    if (content === undefined) return expect(answered.text).toBe("");
    expect(Object.keys(content), `${method} ${template} answered ${status} as ${type}`).toContain(type);
    if (!type.includes("json")) return;
    const place = ["paths", template, method, "responses", status, "content", type, "schema"];
    const pointer = place
      .map((part) => encodeURIComponent(part.replaceAll("~", "~0").replaceAll("/", "~1")))
      .join("/");
    const validate = ajv.compile({ $ref: `api#/${pointer}` });
    expect(
      validate(answered.body),
      `${method} ${template}: ${ajv.errorsText(validate.errors)} in ${answered.text}`,
    ).toBe(true);
  };
}

/** That an answer is a problem that a person can act on. */
export function expectProblem(answered: Answered, status: number, code?: string): void {
  expect({ status: answered.status, text: answered.text }).toMatchObject({ status });
  expect(answered.headers.get("content-type")).toBe("application/problem+json");
  expect(answered.body["status"]).toBe(status);
  expect(answered.body["type"]).toMatch(/^urn:offhook:problem:[a-z-]+$/u);
  expect(answered.body["detail"]).toMatch(/^[A-Z`].{10,}[.`>]$/su);
  if (code !== undefined) expect(answered.body["code"]).toBe(code);
}
