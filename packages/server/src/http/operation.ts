import { problem, type RefusalCode } from "@offhook/protocol";
import { type RouteConfig, z } from "@hono/zod-openapi";
import { acceptJson } from "./json-body.ts";

/** What a request's JSON body must fit, and the check that it is JSON at all. */
export function takesJson<Body extends z.ZodType>(schema: Body) {
  return {
    middleware: acceptJson,
    body: { required: true, content: { "application/json": { schema } } },
  };
}

/** An answer in JSON. */
export function answer<Body extends z.ZodType>(description: string, schema: Body) {
  return { description, content: { "application/json": { schema } } };
}

/** What any operation may answer instead. */
export const elseProblem = {
  default: {
    description: "A problem (RFC 9457). `detail` says what to do; `errors` names every fault by its path.",
    content: { "application/problem+json": { schema: problem } },
  },
};

/** The refusals that an operation is known for, by name: the document lists them under their statuses. */
export function refusals(...codes: RefusalCode[]): { "x-refusals": RefusalCode[] } {
  return { "x-refusals": codes };
}

/** Where the path names a thing. What is no id is told as unknown, not as a fault. */
export const idParam = z.object({ id: z.string().min(1) });

/** Operations that are open to everybody. */
export const open: Pick<RouteConfig, "security"> = { security: [] };
