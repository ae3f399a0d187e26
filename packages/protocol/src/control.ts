import { z } from "zod";
import { forwardTarget } from "./call.ts";
import { toolDefinition } from "./tool.ts";

const text = z.string().min(1, "say something: the text is empty").max(4_000);

/** What may be done to a live call (contract 6). */
export const control = z.discriminatedUnion("type", [
  z.object({ type: z.literal("say"), message: text }),
  z.object({ type: z.literal("end") }),
  z.object({ type: z.literal("forward"), ...forwardTarget.shape }),
  z.object({
    type: z.literal("dtmf"),
    digits: z.string().regex(/^[0-9A-D*#,]{1,64}$/u, "digits are 0-9, A-D, *, # and , for a pause"),
  }),
  z.object({
    type: z.literal("add-message"),
    role: z.enum(["user", "assistant", "system"]),
    text,
    /** Whether the assistant answers it; by default it does when the role is `user`. */
    respond: z.boolean().optional(),
  }),
  z.object({ type: z.literal("mute") }),
  z.object({ type: z.literal("unmute") }),
  z.object({ type: z.literal("tool-result"), toolCallId: z.string().min(1).max(128), result: z.json() }),
  z.object({
    type: z.literal("update"),
    /** From the next turn on. */
    prompt: z.string().max(200_000).optional(),
    model: z.string().min(1).max(200).optional(),
    tools: z.array(toolDefinition).max(64).optional(),
  }),
]);
export type Control = z.infer<typeof control>;
