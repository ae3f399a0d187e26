import { createRoute, z } from "@hono/zod-openapi";
import { saidView, type SaidView, sayBody, toWireMessage } from "@offhook/protocol";
import type { Heard } from "../calls/calls.ts";
import { type Clock, timedOut, within } from "../clock.ts";
import { callIdOf } from "./call-view.ts";
import { answer, elseProblem, idParam, refusals, takesJson } from "./operation.ts";
import type { App, HttpParts } from "./parts.ts";
import { refuse } from "./problem.ts";

/** How long `?wait=true` waits for the reply; the call goes on in any case. */
export const replyWaitMaxMs = 60_000;

/** What is answered when nobody waits for the reply. */
export const acceptedView = z.object({ accepted: z.literal(true) });

const waitQuery = z.strictObject({ wait: z.enum(["true", "false"]).default("false") });

/** What the user of a chat says. */
export function addMessages(app: App, { calls, clock }: HttpParts): void {
  const { middleware, body } = takesJson(sayBody);
  const route = createRoute({
    method: "post",
    path: "/calls/v1/conversations/{id}/messages",
    operationId: "say-in-call",
    tags: ["calls"],
    summary: "Say something in a chat",
    description: `What the user says, 1 to 4,000 characters. Answers 202 when it is on disk. With \`?wait=true\` it answers 200 when the reply's turn has ended, with the messages of the reply, or after ${replyWaitMaxMs / 1_000} s with the outcome \`still-working\`; the reply comes all the same.`,
    middleware,
    request: { params: idParam, query: waitQuery, body },
    responses: {
      200: answer("With `?wait=true`: the reply, and how its turn ended.", saidView),
      202: answer("It was heard.", acceptedView),
      ...elseProblem,
    },
    ...refusals(
      "not-found",
      "call-finished",
      "call-ending",
      "taking-over",
      "outcome-unknown",
      "not-on-this-channel",
      "agenda-full",
      "invalid",
    ),
  });
  app.openapi(route, async (context) => {
    const callId = callIdOf(context.req.valid("param").id);
    if (typeof callId !== "string") return refuse(context, callId);
    const { text } = context.req.valid("json");
    const heard = await calls.hear({ teamId: context.var.teamId, callId, text });
    if ("refused" in heard) return refuse(context, heard);
    if (context.req.valid("query").wait === "true") return context.json(await replyTo(heard, clock), 200);
    return context.json({ accepted: true as const }, 202);
  });
}

async function replyTo({ reply }: Heard, clock: Clock): Promise<SaidView> {
  const replied = await within(clock, replyWaitMaxMs, reply);
  if (replied === timedOut) return { messages: [], outcome: "still-working" };
  return { messages: replied.messages.map((message) => toWireMessage(message)), outcome: replied.outcome };
}
