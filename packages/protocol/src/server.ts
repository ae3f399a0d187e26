import { z } from "zod";
import { mask } from "./secrecy.ts";
import { keyOf } from "./signature.ts";
import { formats, type TellType, tellTypes } from "./words.ts";

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

export const secret = z
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

/** PEM texts are at most this long: a chain of a dozen certificates. */
const pemMax = 65_536;

const certificates = z
  .string()
  .max(pemMax)
  .regex(
    /^\s*-----BEGIN CERTIFICATE-----[\s\S]+-----END CERTIFICATE-----\s*$/u,
    "PEM, from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----",
  );

const privateKey = z
  .string()
  .max(pemMax)
  .superRefine((text, context) => {
    const message = keyFault(text);
    if (message !== undefined) context.addIssue({ code: "custom", message });
  });

function keyFault(text: string): string | undefined {
  if (text === mask) return maskIsNoSecret;
  if (text.includes("ENCRYPTED")) return "this private key has a passphrase: send it without one";
  const isKey =
    /^\s*-----BEGIN (?:EC |RSA )?PRIVATE KEY-----[\s\S]+-----END (?:EC |RSA )?PRIVATE KEY-----\s*$/u;
  return isKey.test(text) ? undefined : "PEM, from -----BEGIN PRIVATE KEY----- to -----END PRIVATE KEY-----";
}

/**
 * TLS towards a server of the application's, all as PEM. Certificates are
 * always verified.
 */
export const serverTls = z
  .strictObject({
    /** The authorities to trust, instead of the system's. */
    ca: certificates.optional(),
    /** The certificate that we show, with its chain. */
    cert: certificates.optional(),
    /** Its private key: a secret. */
    key: privateKey.optional(),
  })
  .superRefine(({ cert, key }, context) => {
    if (cert !== undefined && key === undefined)
      context.addIssue({ code: "custom", path: ["key"], message: "a certificate needs its private key" });
    if (cert === undefined && key !== undefined)
      context.addIssue({ code: "custom", path: ["cert"], message: "a private key needs its certificate" });
  });
export type ServerTls = z.infer<typeof serverTls>;

/** What is wrong between a URL and its `tls`. */
function tlsMisfit({
  url,
  tls,
}: {
  url?: string | undefined;
  tls?: ServerTls | undefined;
}): z.core.$ZodSuperRefineIssue[] {
  const protocol = url === undefined ? undefined : URL.parse(url)?.protocol;
  if (tls === undefined || protocol !== "http:") return [];
  return [{ code: "custom", path: ["tls"], message: "certificates are for https, and this url is http" }];
}

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
    tls: serverTls.optional(),
  })
  .superRefine((server, context) => {
    for (const issue of tlsMisfit(server)) context.addIssue(issue);
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
export const toolServer = z
  .looseObject({
    url: serverAddress,
    method: z.enum(["POST", "GET", "PUT", "PATCH", "DELETE"]).default("POST"),
    timeoutSeconds: z.number().min(1).max(600).default(20),
    secret: orEmpty(secret),
    previousSecret: previousSecret.optional(),
    headers: headers.default({}),
    format: z.enum(["envelope", "arguments"]).optional(),
    tls: serverTls.optional(),
  })
  .superRefine((server, context) => {
    for (const issue of tlsMisfit(server)) context.addIssue(issue);
  });
export type ToolServer = z.infer<typeof toolServer>;

/** A server of the Model Context Protocol (Streamable HTTP). `secret` goes as a bearer token, unless `headers` say otherwise. */
export const mcpServer = z.looseObject({
  url: serverAddress,
  /** For each tool call. */
  timeoutSeconds: z.number().min(1).max(600).default(20),
  secret: orEmpty(secret),
  headers: headers.default({}),
});
