import type { RouteConfig } from "@hono/zod-openapi";
import { problem as problemSchema, refusalCodes, type RefusalCode } from "@offhook/protocol";
import { z } from "zod";
import { problems } from "../problem.ts";
import type { Direction, JsonSchema, Schemas } from "./schemas.ts";

/** An operation as OpenAPI 3.1 describes it. */
export function operationOf(route: RouteConfig, schemas: Schemas): JsonSchema {
  const { operationId, tags, summary, description, security, request } = route;
  const body = request?.body;
  return {
    operationId,
    tags,
    summary,
    description,
    ...(security === undefined ? {} : { security }),
    parameters: parametersOf(route, schemas),
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: contentOf(body.content, schemas, "input") } }),
    responses: { ...answersOf(route, schemas), ...problemsOf(route, schemas) },
  };
}

type Place = "path" | "query" | "header";

function parametersOf({ request }: RouteConfig, schemas: Schemas): JsonSchema[] {
  const headers = Array.isArray(request?.headers) ? undefined : request?.headers;
  return [
    ...parametersIn("path", request?.params, schemas),
    ...parametersIn("query", request?.query, schemas),
    ...parametersIn("header", headers, schemas),
  ];
}

function parametersIn(place: Place, shape: unknown, schemas: Schemas): JsonSchema[] {
  if (!(shape instanceof z.ZodObject)) return [];
  return Object.entries(shape.shape).map(([name, field]) => {
    if (!(field instanceof z.ZodType)) throw new TypeError(`parameter ${name} has no schema`);
    const { description, ...schema } = schemas.of(field, "input");
    const required = place === "path" || !field.safeParse(undefined).success;
    return { name, in: place, required, ...(description === undefined ? {} : { description }), schema };
  });
}

function contentOf(content: object, schemas: Schemas, direction: Direction): JsonSchema {
  const described = Object.entries(content).map(([type, media]: [string, object]): [string, JsonSchema] => {
    const schema = "schema" in media ? media.schema : undefined;
    return [type, schema instanceof z.ZodType ? { schema: schemas.of(schema, direction) } : {}];
  });
  return Object.fromEntries(described);
}

function answersOf({ responses }: RouteConfig, schemas: Schemas): JsonSchema {
  const described = Object.entries(responses).map(([status, response]): [string, JsonSchema] => {
    const content = "content" in response && response.content !== undefined ? response.content : undefined;
    const description = "description" in response ? response.description : "";
    return [
      status,
      { description, ...(content === undefined ? {} : { content: contentOf(content, schemas, "output") }) },
    ];
  });
  return Object.fromEntries(described);
}

/** The refusals that an operation is known for, under their statuses. */
function problemsOf(route: RouteConfig, schemas: Schemas): JsonSchema {
  const known = z.array(z.enum(refusalCodes)).parse(route["x-refusals"] ?? []);
  const codes: RefusalCode[] = route.security?.length === 0 ? known : ["unauthorized", ...known];
  const byStatus = Map.groupBy(codes, (code) => problems[code].status);
  const schema = schemas.of(problemSchema, "output");
  return Object.fromEntries(
    [...byStatus].map(([status, same]) => {
      const description = same.map((code) => `\`${code}\`: ${problems[code].title}.`).join(" ");
      return [status, { description, content: { "application/problem+json": { schema } } }];
    }),
  );
}
