import { headersOf } from "../answer.ts";
import { tooLarge } from "../body.ts";
import type { Incoming } from "../incoming.ts";
import { isObject } from "../reading/loose.ts";
import type { ServerUrl } from "../receiver.ts";

/**
 * The part of an event of AWS Lambda that is used here: of a function URL or an
 * HTTP API (payload 2.0), of a REST API (payload 1.0), or of a load balancer.
 */
export type LambdaEvent = {
  headers?: Readonly<Record<string, string | undefined>> | null | undefined;
  multiValueHeaders?: Readonly<Record<string, string[] | undefined>> | null | undefined;
  body?: string | null | undefined;
  isBase64Encoded?: boolean | undefined;
  /** Payload 2.0. */
  rawPath?: string | undefined;
  rawQueryString?: string | undefined;
  requestContext?: object | undefined;
  /** Payload 1.0 and load balancers. */
  httpMethod?: string | undefined;
  path?: string | undefined;
  queryStringParameters?: Readonly<Record<string, string | undefined>> | null | undefined;
};

export type LambdaAnswer = {
  statusCode: number;
  headers: Record<string, string>;
  body: string;
  isBase64Encoded: false;
};

/**
 * A receiver as a handler of AWS Lambda. A function is frozen once it has
 * answered, so nothing goes on after the answer here.
 *
 * @example
 * export const handler = toLambda(receiver);
 */
export function toLambda(receiver: Pick<ServerUrl, "handle">): (event: LambdaEvent) => Promise<LambdaAnswer> {
  return async (event) => {
    const answer = await receiver.handle(fromLambda(event));
    return {
      statusCode: answer.status,
      headers: { ...headersOf(answer) },
      body: answer.body,
      isBase64Encoded: false,
    };
  };
}

function fromLambda(event: LambdaEvent): Incoming {
  const values = headerValues(event);
  return {
    method: methodOf(event),
    target: `${event.rawPath ?? event.path ?? "/"}${queryOf(event)}`,
    header: (name) => values.get(name) ?? null,
    headers: () => new Headers([...values]),
    isUsed: false,
    bytes(limits) {
      const bytes = bytesOf(event);
      return bytes.byteLength > limits.bodyBytesMax ? tooLarge(limits) : bytes;
    },
  };
}

function methodOf({ requestContext = {}, httpMethod = "GET" }: LambdaEvent): string {
  const http = "http" in requestContext && isObject(requestContext.http) ? requestContext.http : {};
  return typeof http.method === "string" ? http.method : httpMethod;
}

function headerValues({ headers, multiValueHeaders }: LambdaEvent): Map<string, string> {
  const values = new Map<string, string>();
  for (const [name, value] of Object.entries(headers ?? {}))
    if (value !== undefined) values.set(name.toLowerCase(), value);
  for (const [name, list] of Object.entries(multiValueHeaders ?? {}))
    if (list !== undefined) values.set(name.toLowerCase(), list.join(", "));
  return values;
}

function queryOf({ rawQueryString, queryStringParameters }: LambdaEvent): string {
  const given = Object.entries(queryStringParameters ?? {}).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  );
  const query = rawQueryString ?? new URLSearchParams(given).toString();
  return query === "" ? "" : `?${query}`;
}

function bytesOf({ body, isBase64Encoded }: LambdaEvent): Uint8Array {
  const text = body ?? "";
  if (isBase64Encoded !== true) return new TextEncoder().encode(text);
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
