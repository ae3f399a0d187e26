import { createRoute } from "@hono/zod-openapi";
import {
  keyBody,
  keyId,
  keyView,
  type KeyView,
  newKeyView,
  pageOf,
  pageQuery,
  type Refusal,
} from "@offhook/protocol";
import type { ApiKey, DeletedKey } from "../store.ts";
import { hashBeginOf, hashKey, keyIdOf, makeKey } from "./keys.ts";
import { answer, elseProblem, idParam, refusals, takesJson } from "./operation.ts";
import type { App, HttpParts } from "./parts.ts";
import { refuse } from "./problem.ts";

const path = "/keys/v1/keys";
const tags = ["keys"];

/** The API keys of a team. Whoever has one of them may list, make and revoke them. */
export function addApiKeys(app: App, parts: HttpParts): void {
  addMake(app, parts);
  addList(app, parts);
  addRevoke(app, parts);
}

function addMake(app: App, { store, clock, random }: HttpParts): void {
  const { middleware, body } = takesJson(keyBody);
  const route = createRoute({
    method: "post",
    path,
    operationId: "make-key",
    tags,
    summary: "Make an API key",
    description:
      "Makes a key of the same team, which may do all that the present one may. The answer shows it this once: only its hash is kept.",
    middleware,
    request: { body },
    responses: { 201: answer("The key.", newKeyView), ...elseProblem },
    ...refusals("invalid"),
  });
  app.openapi(route, async (context) => {
    const { name } = context.req.valid("json");
    const key = makeKey(random);
    const kept = { hash: hashKey(key), teamId: context.var.teamId, name, createdAt: clock.now() };
    await store.saveKey(kept);
    return context.json({ ...view(kept), key }, 201);
  });
}

function addList(app: App, { store }: HttpParts): void {
  const route = createRoute({
    method: "get",
    path,
    operationId: "list-keys",
    tags,
    summary: "List the API keys",
    description:
      "The team's keys, the newest first, a page at a time: ids and names, never the keys. The key of `OFFHOOK_API_KEY` is not among them: it is kept in the configuration.",
    request: { query: pageQuery.strict() },
    responses: { 200: answer("A page of keys.", pageOf(keyView)), ...elseProblem },
    ...refusals("invalid"),
  });
  app.openapi(route, async (context) => {
    const { page, size } = context.req.valid("query");
    const query = { teamId: context.var.teamId, offset: (page - 1) * size, limit: size };
    const { keys, totalCount } = await store.listKeys(query);
    return context.json({ data: keys.map((key) => view(key)), page, size, totalCount }, 200);
  });
}

function addRevoke(app: App, { store }: HttpParts): void {
  const route = createRoute({
    method: "delete",
    path: `${path}/{id}`,
    operationId: "revoke-key",
    tags,
    summary: "Revoke an API key",
    description:
      "The key lets nobody in any more, and sessions in the page that began with it end: at the latest 5 seconds later, for so long a key that was just used is remembered. Streams and live sessions that it opened go on until they end. Refused with 409 for the team's last key, unless the server has another of the team in `OFFHOOK_API_KEY`, and for that one itself.",
    request: { params: idParam },
    responses: { 204: { description: "It is revoked." }, ...elseProblem },
    ...refusals("not-found", "irrevocable-key"),
  });
  app.openapi(route, async (context) => {
    const { id } = context.req.valid("param");
    const { teamId } = context.var;
    if (!keyId.safeParse(id).success) return refuse(context, refusalOf("unknown", id));
    const became = await store.deleteKey({ teamId, hashBegin: hashBeginOf(id), mayBeLast: false });
    return became === "deleted" ? context.body(null, 204) : refuse(context, refusalOf(became, id));
  });
}

function refusalOf(became: Exclude<DeletedKey, "deleted">, id: string): Refusal {
  switch (became) {
    case "unknown":
      return {
        refused: "not-found",
        detail: `There is no key ${id.slice(0, 64)}: GET ${path} lists those there are.`,
      };
    case "last":
      return {
        refused: "irrevocable-key",
        detail: `The key ${id} is the last one of its team: make another first, or nobody gets in.`,
      };
    case "configured":
      return {
        refused: "irrevocable-key",
        detail: `The key ${id} is that of OFFHOOK_API_KEY: change the setting and start the server again.`,
      };
  }
}

function view({ hash, name, createdAt }: ApiKey): KeyView {
  return { id: keyIdOf(hash), name, createdAt: new Date(createdAt).toISOString() };
}
