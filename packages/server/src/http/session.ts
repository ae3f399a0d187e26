import { createRoute } from "@hono/zod-openapi";
import { type Refusal, sessionView, type SignInBody, signInBody } from "@offhook/protocol";
import type { Context } from "hono";
import type { Session } from "../page/sessions.ts";
import { hashKey } from "./keys.ts";
import { answer, elseProblem, open, refusals, takesJson } from "./operation.ts";
import type { App, Env, HttpParts } from "./parts.ts";
import { refuse } from "./problem.ts";
import { comingOf, cookieOf, dropCookie, keepCookie } from "./session-cookie.ts";

const path = "/session";
const tags = ["server"];

/** Signing in and out at the page. Open to all: who signs in has nothing to show yet. */
export function addSession(app: App, parts: HttpParts): void {
  addSignIn(app, parts);
  addWho(app, parts);
  addSignOut(app, parts);
}

function addSignIn(app: App, parts: HttpParts): void {
  const { middleware, body } = takesJson(signInBody);
  const route = createRoute({
    method: "post",
    path,
    operationId: "sign-in",
    tags,
    summary: "Sign in at the page",
    description:
      "Takes an API key, or the ticket of the one-time link that the start prints, and sets a cookie (`HttpOnly`, `SameSite=Strict`) that stands for the key in pages of this server's own origin, for 12 hours. The cookie counts only for requests whose `host` and `origin` are the server's own.",
    middleware,
    request: { body },
    responses: { 200: answer("Who is signed in.", sessionView), ...elseProblem },
    ...open,
    ...refusals("invalid", "unauthorized"),
  });
  app.openapi(route, async (context) => {
    const foreign = parts.page.refuseForeign(parts.publicUrl(), comingOf(context));
    if (foreign !== undefined) return refuse(context, unauthorized(foreign));
    const whose = await whoseOf(parts, context.req.valid("json"));
    if ("refused" in whose) return refuse(context, whose);
    const { session, value } = parts.page.sessions.begin(whose);
    keepCookie(context, parts.publicUrl(), { value, until: session.until });
    return context.json(view(session), 200);
  });
}

async function whoseOf(
  { page, authenticate }: HttpParts,
  given: SignInBody,
): Promise<Pick<Session, "teamId" | "keyHash"> | Refusal> {
  if ("ticket" in given) {
    const teamId = page.sessions.useTicket(given.ticket);
    return teamId === undefined ? unauthorized(usedUp) : { teamId, keyHash: null };
  }
  const teamId = await authenticate(`Bearer ${given.apiKey}`);
  return teamId === undefined ? unauthorized(unknownKey) : { teamId, keyHash: hashKey(given.apiKey) };
}

const usedUp =
  "This link was used already, or is too old: sign in with an API key, or start the server again for another link.";
const unknownKey = "This API key is not known here: check it, or use the link that the start prints.";

function addWho(app: App, parts: HttpParts): void {
  const route = createRoute({
    method: "get",
    path,
    operationId: "get-session",
    tags,
    summary: "Who is signed in at the page",
    description:
      "Answers with the session that the request's cookie stands for; 401 when it stands for none.",
    responses: { 200: answer("Who is signed in.", sessionView), ...elseProblem },
    ...open,
    ...refusals("unauthorized"),
  });
  app.openapi(route, async (context) => {
    const session = await sessionOf(context, parts);
    if (session === undefined || "refused" in session)
      return refuse(context, session ?? unauthorized("Nobody is signed in: POST /session signs in."));
    return context.json(view(session), 200);
  });
}

function addSignOut(app: App, parts: HttpParts): void {
  const route = createRoute({
    method: "delete",
    path,
    operationId: "sign-out",
    tags,
    summary: "Sign out at the page",
    description: "Ends the session that the request's cookie stands for, and takes the cookie back.",
    responses: { 204: { description: "Nobody is signed in any more." }, ...elseProblem },
    ...open,
  });
  app.openapi(route, async (context) => {
    const session = await sessionOf(context, parts);
    if (session !== undefined && !("refused" in session)) {
      parts.page.sessions.end(session);
      dropCookie(context, parts.publicUrl());
    }
    return context.body(null, 204);
  });
}

/** The session of a request; `undefined` when it brings none, a refusal when it may not use it. */
export async function sessionOf(
  context: Context<Env>,
  { page, publicUrl, knowsKey }: Pick<HttpParts, "page" | "publicUrl" | "knowsKey">,
): Promise<Session | Refusal | undefined> {
  const value = cookieOf(context);
  const session = value === undefined ? undefined : page.sessions.read(value);
  if (session === undefined) return undefined;
  const foreign = page.refuseForeign(publicUrl(), comingOf(context));
  if (foreign !== undefined) return unauthorized(foreign);
  if (session.keyHash !== null && !(await knowsKey(session.keyHash))) return undefined;
  return session;
}

function unauthorized(detail: string): Refusal {
  return { refused: "unauthorized", detail };
}

function view({ teamId, until }: Session) {
  return { teamId, until: new Date(until).toISOString() };
}
