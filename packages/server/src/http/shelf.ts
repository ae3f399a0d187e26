import { createRoute, z } from "@hono/zod-openapi";
import { pageOf, pageQuery, type Refusal } from "@offhook/protocol";
import { type Kept, type Library, shown } from "../assistants/library.ts";
import { faultsOfMasks } from "./masks.ts";
import { answer, elseProblem, idParam, refusals, takesJson } from "./operation.ts";
import type { App } from "./parts.ts";
import { invalid, refuse } from "./problem.ts";

/** What a team keeps of one kind: the path it is at, and the library that keeps it. */
export type Shelf<Body extends Record<string, unknown>> = {
  path: string;
  one: "assistant" | "tool" | "number";
  /** What it is, in sentences. */
  about: string;
  schema: z.ZodType<Body>;
  library: Library<Body>;
};

/** A stored thing in an answer. */
export const keptView = z
  .looseObject({ _id: z.string(), createdAt: z.iso.datetime(), updatedAt: z.iso.datetime() })
  .describe("What was sent, completed with its defaults, with its id and times; secrets are masked.");

/** A merge patch: any part of a body. */
export const patchBody = z
  .record(z.string(), z.json())
  .describe("A JSON Merge Patch (RFC 7396) of the body.");

/** The five operations on what a team keeps of one kind. */
export function addShelf<Body extends Record<string, unknown>>(app: App, shelf: Shelf<Body>): void {
  addAdd(app, shelf);
  addList(app, shelf);
  addFind(app, shelf);
  addChange(app, shelf);
  addRemove(app, shelf);
}

function addAdd<Body extends Record<string, unknown>>(app: App, shelf: Shelf<Body>): void {
  const { one, path, about, library, schema } = shelf;
  const { middleware, body } = takesJson(schema);
  const route = createRoute({
    method: "post",
    path,
    operationId: `add-${one}`,
    tags: [`${one}s`],
    summary: `Add one: ${one}`,
    description: `${about} Answers 201 with what was stored. Refused are addresses that the server may not connect to, and masked secrets, which only a PATCH can keep.`,
    middleware,
    request: { body },
    responses: { 201: answer(`The ${one} as it was stored.`, keptView), ...elseProblem },
    ...refusals("invalid", "forbidden-address"),
  });
  app.openapi(route, async (context) => {
    const given: unknown = context.req.valid("json");
    const masked = faultsOfMasks(given);
    if (masked.length > 0) return refuse(context, invalid(masked));
    const added = await library.add(context.var.teamId, given);
    return "refused" in added ? refuse(context, added) : context.json(view(added.item), 201);
  });
}

function addList<Body extends Record<string, unknown>>(app: App, { one, path, library }: Shelf<Body>): void {
  const route = createRoute({
    method: "get",
    path,
    operationId: `list-${one}s`,
    tags: [`${one}s`],
    summary: `List the ${one}s`,
    description: `The team's ${one}s, the newest first, a page at a time: \`page\` counts from 1, \`totalCount\` counts all of them. Secrets are masked.`,
    request: { query: pageQuery.strict() },
    responses: { 200: answer(`A page of ${one}s.`, pageOf(keptView)), ...elseProblem },
    ...refusals("invalid"),
  });
  app.openapi(route, async (context) => {
    const { page, size } = context.req.valid("query");
    const place = { offset: (page - 1) * size, limit: size };
    const { items, totalCount } = await library.list(context.var.teamId, place);
    return context.json({ data: items.map((item) => view(item)), page, size, totalCount }, 200);
  });
}

function addFind<Body extends Record<string, unknown>>(app: App, { one, path, library }: Shelf<Body>): void {
  const route = createRoute({
    method: "get",
    path: `${path}/{id}`,
    operationId: `get-${one}`,
    tags: [`${one}s`],
    summary: `Show one: ${one}`,
    description: `The ${one} as it is stored. Secrets, and the values of headers that hold some, are masked; sent back in a PATCH, the mask keeps them.`,
    request: { params: idParam },
    responses: { 200: answer(`The ${one}.`, keptView), ...elseProblem },
    ...refusals("not-found"),
  });
  app.openapi(route, async (context) => {
    const { id } = context.req.valid("param");
    const item = await library.find(context.var.teamId, id);
    return item === undefined ? refuse(context, unknown(one, path, id)) : context.json(view(item), 200);
  });
}

function addChange<Body extends Record<string, unknown>>(
  app: App,
  { one, path, library }: Shelf<Body>,
): void {
  const { middleware, body } = takesJson(patchBody);
  const route = createRoute({
    method: "patch",
    path: `${path}/{id}`,
    operationId: `change-${one}`,
    tags: [`${one}s`],
    summary: `Change one: ${one}`,
    description: `Applies a JSON Merge Patch (RFC 7396): objects are merged, null removes a field, all else replaces it. What comes of it must fit like a new ${one}. A masked secret keeps the stored one. Calls that run go on with what they began with; what is still to be sent to a Server URL goes to the present one.`,
    middleware,
    request: { params: idParam, body },
    responses: { 200: answer(`The ${one} as it is now.`, keptView), ...elseProblem },
    ...refusals("not-found", "invalid", "forbidden-address"),
  });
  app.openapi(route, async (context) => {
    const { id } = context.req.valid("param");
    const changed = await library.patch({ teamId: context.var.teamId, id }, context.req.valid("json"));
    if (changed === undefined) return refuse(context, unknown(one, path, id));
    return "refused" in changed ? refuse(context, changed) : context.json(view(changed.item), 200);
  });
}

function addRemove<Body extends Record<string, unknown>>(
  app: App,
  { one, path, library }: Shelf<Body>,
): void {
  const route = createRoute({
    method: "delete",
    path: `${path}/{id}`,
    operationId: `remove-${one}`,
    tags: [`${one}s`],
    summary: `Remove one: ${one}`,
    description: "Removes it for good. Calls that run go on with what they began with.",
    request: { params: idParam },
    responses: { 204: { description: "It is gone." }, ...elseProblem },
    ...refusals("not-found"),
  });
  app.openapi(route, async (context) => {
    const { id } = context.req.valid("param");
    const wasThere = await library.remove(context.var.teamId, id);
    return wasThere ? context.body(null, 204) : refuse(context, unknown(one, path, id));
  });
}

function view<Body extends Record<string, unknown>>(item: Kept<Body>): z.infer<typeof keptView> {
  const { _id, createdAt, updatedAt } = item;
  return { ...shown(item), _id, createdAt, updatedAt };
}

function unknown(one: string, path: string, id: string): Refusal {
  return {
    refused: "not-found",
    detail: `There is no ${one} ${id.slice(0, 64)}: GET ${path} lists those there are.`,
  };
}
