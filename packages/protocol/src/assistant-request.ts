import { z } from "zod";
import { assistantOverrides } from "./api.ts";
import { assistantBody } from "./assistant.ts";
import { headers, orEmpty, secret, serverAddress } from "./server.ts";

/**
 * Where the application is asked who answers a call that names no assistant.
 * `timeoutSeconds` is for the whole exchange: somebody waits on the line.
 */
export const assistantRequestServer = z.looseObject({
  url: serverAddress,
  timeoutSeconds: z.number().min(0.5).max(20).default(7.5),
  secret: orEmpty(secret),
  headers: headers.default({}),
});
export type AssistantRequestServer = z.infer<typeof assistantRequestServer>;

/**
 * What is answered to an `assistant-request`: a stored assistant by its id, or
 * one for this call. Unless `reuse` is false, the assistant (never its
 * overrides) also answers later calls for which the application gives no answer.
 *
 * @example
 * { "assistantId": "asst-1", "assistantOverrides": { "dynamicVariables": { "name": "Ada" } } }
 */
export const assistantAnswer = z
  .looseObject({
    assistantId: z.string().min(1).max(64).optional(),
    assistant: assistantBody.optional(),
    assistantOverrides: assistantOverrides.optional(),
    reuse: z.boolean().default(true),
  })
  .refine(({ assistantId, assistant }) => assistantId !== undefined || assistant !== undefined, {
    error: "name who answers: assistantId, or an inline assistant",
  });
export type AssistantAnswer = z.infer<typeof assistantAnswer>;
