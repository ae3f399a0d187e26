import { createRoute } from "@hono/zod-openapi";
import {
  type Call,
  callsQuery,
  callView as callShape,
  callWithMessages,
  connectBody,
  type ConnectBody,
  conversationBody,
  pageOf,
  type Refusal,
  toWireMessage,
} from "@offhook/protocol";
import type { Context } from "hono";
import { z } from "zod";
import { callIdOf, callView, readCall, unknownCall } from "./call-view.ts";
import { connectBodyOf } from "./conversation-body.ts";
import { faultsOfMasks } from "./masks.ts";
import { answer, elseProblem, idParam, refusals, takesJson } from "./operation.ts";
import type { App, Env, HttpParts } from "./parts.ts";
import { timesOf } from "./period.ts";
import { invalid, refusalAt, refuse } from "./problem.ts";

/** Names the request, so that the same one sent again makes no second call. */
const keyed = z.object({
  "idempotency-key": z
    .string()
    .min(1)
    .max(255)
    .optional()
    .describe("A name of the caller's own for this call: sent again with it, the same call is answered."),
});

const base = "/calls/v1/conversations";
const tags = ["calls"];

/** Calls: made, listed, shown. */
export function addCalls(app: App, parts: HttpParts): void {
  addConnect(app, parts);
  addVendorConnect(app, parts);
  addList(app, parts);
  addFind(app, parts);
}

const connecting = `Answers 201 with the call, still \`queued\` or just begun. Its events go to the assistant's Server URL, the first of them (\`status-update\`, queued) included. \`metadata\` is echoed everywhere; \`assistantOverrides.dynamicVariables\` fill the \`{{variables}}\` of the assistant's texts. With an \`Idempotency-Key\` the call that the team made under it before is answered, as it is now, whatever else the body says.`;

function addConnect(app: App, parts: HttpParts): void {
  const { middleware, body } = takesJson(connectBody);
  const route = createRoute({
    method: "post",
    path: `${base}/connect`,
    operationId: "connect-call",
    tags,
    summary: "Make a call",
    description: `Names who answers: \`assistantId\`, or an inline \`assistant\`, which wins. A call that names neither is asked about with an \`assistant-request\` to the server of its number (\`phoneNumberId\`), or to the one that the operator set. A number that the team does not have is refused. ${connecting}`,
    middleware,
    request: { body, headers: keyed },
    responses: { 201: answer("The call.", callShape), ...elseProblem },
    ...refusals(
      "invalid",
      "not-found",
      "forbidden-address",
      "not-available-yet",
      "over-capacity",
      "team-over-capacity",
      "nobody-answers",
      "stopping",
      "outcome-unknown",
    ),
  });
  app.openapi(route, async (context) => {
    const call = await connect(context, parts, context.req.valid("json"));
    return "refused" in call ? refuse(context, call) : context.json(callView(call, parts), 201);
  });
}

function addVendorConnect(app: App, parts: HttpParts): void {
  const { middleware, body } = takesJson(conversationBody);
  const route = createRoute({
    method: "post",
    path: base,
    operationId: "create-conversation",
    tags,
    summary: "Make a call, in the vendor's other shape",
    description: `As \`connect-call\`, but \`userNumber\` says who calls and \`assistantNumber\` which of the team's numbers answers; a number's own assistant answers if none is named. ${connecting}`,
    middleware,
    request: { body, headers: keyed },
    responses: { 201: answer("The call.", callShape), ...elseProblem },
    ...refusals(
      "invalid",
      "not-found",
      "forbidden-address",
      "not-available-yet",
      "over-capacity",
      "team-over-capacity",
      "nobody-answers",
      "stopping",
      "outcome-unknown",
    ),
  });
  app.openapi(route, async (context) => {
    const { teamId } = context.var;
    const read = await connectBodyOf({
      teamId,
      body: context.req.valid("json"),
      numbers: parts.assistants.numbers,
    });
    const call = "refused" in read ? read : await connect(context, parts, read);
    return "refused" in call ? refuse(context, call) : context.json(callView(call, parts), 201);
  });
}

async function connect(
  context: Context<Env>,
  { calls }: HttpParts,
  body: ConnectBody,
): Promise<Call | Refusal> {
  const masked = faultsOfMasks({ assistant: body.assistant, assistantOverrides: body.assistantOverrides });
  return masked.length > 0
    ? invalid(masked)
    : calls.connect({
        teamId: context.var.teamId,
        body,
        idempotencyKey: context.req.header("idempotency-key"),
      });
}

function addList(app: App, parts: HttpParts): void {
  const route = createRoute({
    method: "get",
    path: base,
    operationId: "list-calls",
    tags,
    summary: "List the calls",
    description:
      "The team's calls, the newest first, a page at a time, without their messages. `startDate` and `endDate` (ISO 8601; a date alone is the whole day in UTC) bound `createdAt`, both included. `before`, the id of a call, goes on behind it: a list that is read on stays whole when new calls come. `totalCount` is counted up to 10,000, without `before`.",
    request: { query: callsQuery.strict() },
    responses: { 200: answer("A page of calls.", pageOf(callShape)), ...elseProblem },
    ...refusals("invalid"),
  });
  app.openapi(route, async (context) => {
    const { page, size, startDate, endDate, status, assistantId, before } = context.req.valid("query");
    const place = before === undefined ? undefined : callIdOf(before);
    if (typeof place === "object") return refuse(context, refusalAt("/before", "it is no call's id"));
    const times = timesOf({ startDate, endDate });
    if ("refused" in times) return refuse(context, times);
    const { calls, totalCount } = await parts.store.listCalls({
      teamId: context.var.teamId,
      ...times,
      ...(status === undefined ? {} : { status }),
      ...(assistantId === undefined ? {} : { assistantId }),
      ...(place === undefined ? {} : { before: place }),
      offset: (page - 1) * size,
      limit: size,
    });
    return context.json({ data: calls.map((call) => callView(call, parts)), page, size, totalCount }, 200);
  });
}

function addFind(app: App, parts: HttpParts): void {
  const route = createRoute({
    method: "get",
    path: `${base}/{id}`,
    operationId: "get-call",
    tags,
    summary: "Show a call",
    description:
      "The call with all its messages so far, as its journal tells it. Times are ISO 8601, UTC; `assistantCallDuration` is in ms. `analysis`, `cost` and `metrics` come when the call is over.",
    request: { params: idParam },
    responses: { 200: answer("The call, with its messages.", callWithMessages), ...elseProblem },
    ...refusals("not-found"),
  });
  app.openapi(route, async (context) => {
    const { id } = context.req.valid("param");
    const callId = callIdOf(id);
    if (typeof callId !== "string") return refuse(context, callId);
    const call = await parts.store.findCall({ teamId: context.var.teamId, callId });
    const reading = call === undefined ? undefined : await readCall(parts.store, callId);
    if (reading === undefined) return refuse(context, unknownCall(id));
    const messages = reading.messages.map((message) => toWireMessage(message));
    return context.json({ ...callView(reading.call, parts), messages }, 200);
  });
}
