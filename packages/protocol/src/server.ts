import { z } from "zod";
import { mask } from "./secrecy.ts";
import { keyOf } from "./signature.ts";

export const formats = ["2025-04", "2026-03"] as const;
/** The payload format of a Server URL; the contract's table says what differs. */
export type Format = (typeof formats)[number];

/** The events that an assistant's Server URL can subscribe to. */
export const tellTypes = [
  "status-update",
  "conversation-update",
  "hang",
  "hang-recovered",
  "error",
  "end-of-call-report",
] as const;
export type TellType = (typeof tellTypes)[number];

/** What is sent when nothing was chosen: all five of contract 2. */
export const defaultTells = [
  "status-update",
  "conversation-update",
  "hang",
  "error",
  "end-of-call-report",
] as const satisfies readonly TellType[];

export const authModes = ["signature", "header", "both"] as const;
export type AuthMode = (typeof authModes)[number];

const maskIsNoSecret = "this is the mask of a secret: send the secret itself, or leave it out";

const headerName = z
  .string()
  .max(128)
  .regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/u, "not a header name: letters, digits and - only");
const headerValue = z
  .string()
  .max(4_096)
  .regex(/^[\t\x20-\x7e\x80-\xff]*$/u, {
    error: ({ input }) =>
      input === mask
        ? maskIsNoSecret
        : "a header's value has no line breaks, control characters or letters beyond Latin-1",
  });

export const headers = z.record(headerName, headerValue);

/** An http(s) address without credentials; where it leads is checked by the server's guard. */
export const serverAddress = z
  .string()
  .max(2_048)
  .refine((text) => URL.canParse(text), "not a URL: write it in full, such as https://example.org/hook")
  .refine((text) => !URL.canParse(text) || /^https?:$/u.test(new URL(text).protocol), "only http and https")
  .refine(
    (text) => !URL.canParse(text) || (new URL(text).username === "" && new URL(text).password === ""),
    "no user name or password in the URL: use `secret` or `headers`",
  );

const secret = z
  .string()
  .min(8, "at least 8 characters")
  .max(512)
  .refine((text) => text !== mask, maskIsNoSecret)
  .refine((text) => hasKey(text), "after whsec_ a secret is base64: send another, or one without whsec_");

/** Whether a secret can sign (Standard Webhooks 1.0.0). */
function hasKey(text: string): boolean {
  try {
    return keyOf(text).length > 0;
  } catch {
    return false;
  }
}

/** The vendor writes "" where nothing is set. */
export const orEmpty = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess<unknown, z.ZodOptional<Schema>, z.input<Schema> | "" | undefined>(
    (given) => (given === "" ? undefined : given),
    schema.optional(),
  );

/** The secret before the present one: it signs beside it until then, in epoch ms. Made by `rotate-secret`. */
const previousSecret = z.object({ secret, until: z.number().int().min(0) });

/** What `rotate-secret` takes: the new secret (one is made if there is none), and how long the old one signs too. */
export const rotateSecretBody = z.object({
  secret: secret.optional(),
  overlapHours: z.number().min(0).max(168).default(24),
});
export type RotateSecretBody = z.infer<typeof rotateSecretBody>;

/** An assistant's Server URL (contract 1.2). */
export const assistantServer = z
  .looseObject({
    enabled: z.boolean().default(true),
    url: orEmpty(serverAddress),
    timeoutSeconds: z.number().min(1).max(60).default(20),
    secret: orEmpty(secret),
    previousSecret: previousSecret.optional(),
    headers: headers.default({}),
    messages: z.array(z.enum(tellTypes)).default([...defaultTells]),
    format: z.enum(formats).default("2025-04"),
    auth: z.enum(authModes).default("signature"),
  })
  .superRefine((server, context) => {
    if (!server.enabled) return;
    if (server.url === undefined)
      context.addIssue({ code: "custom", path: ["url"], message: "an enabled server needs a url" });
    if (server.messages.length === 0)
      context.addIssue({
        code: "custom",
        path: ["messages"],
        message: "subscribe to at least one message type",
      });
  });
export type AssistantServer = z.infer<typeof assistantServer>;

/** A tool's own server (contract 4.1). */
export const toolServer = z.looseObject({
  url: serverAddress,
  method: z.enum(["POST", "GET", "PUT", "PATCH", "DELETE"]).default("POST"),
  timeoutSeconds: z.number().min(1).max(600).default(20),
  secret: orEmpty(secret),
  previousSecret: previousSecret.optional(),
  headers: headers.default({}),
  format: z.enum(["envelope", "arguments"]).optional(),
});
export type ToolServer = z.infer<typeof toolServer>;
