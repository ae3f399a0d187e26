import { assistantServer, sampleTypes, serverAddress } from "@offhook/protocol";
import { z } from "zod";

const { secret, headers, format, auth, timeoutSeconds, tls } = assistantServer.shape;

/** A Server URL of nobody's, with its defaults. */
export const freeServer = z.object({
  url: serverAddress,
  secret,
  headers,
  format,
  auth,
  timeoutSeconds,
  tls,
});

/** What describes a free URL; an assistant has its own. */
const freeFields = {
  secret,
  headers: headers.unwrap().optional(),
  format: format.unwrap().optional(),
  auth: auth.unwrap().optional(),
  timeoutSeconds: timeoutSeconds.unwrap().optional(),
  tls,
};

/**
 * `POST /events/v1/test`: what, and where to. Either a `url` with all that it is
 * sent with, or an assistant, whose kept secrets never go to another address.
 */
export const sampleBody = z
  .object({
    type: z.enum(sampleTypes).default("status-update"),
    url: serverAddress.optional(),
    ...freeFields,
    /** The sample goes to its Server URL, with its secrets, headers, auth, format and tls. */
    assistantId: z.string().min(1).max(64).optional(),
    /** Only with `assistantId`: how its server is to be for this once, as a PATCH of it (RFC 7396). Its `url` cannot be another. */
    assistantServer: z.record(z.string(), z.json()).optional(),
  })
  .superRefine((given, context) => {
    const fault = (name: string, message: string): void =>
      context.addIssue({ code: "custom", path: [name], message });
    if (given.assistantId === undefined) {
      if (given.url === undefined) fault("url", "say where to: a url, or an assistantId");
      if (given.assistantServer !== undefined) fault("assistantServer", "only with an assistantId");
      return;
    }
    const beside = ["url", ...Object.keys(freeFields)].filter((name) => Object.hasOwn(given, name));
    for (const name of beside) {
      if (Reflect.get(given, name) === undefined) continue;
      fault(name, "not with an assistantId, whose own it is: `assistantServer` changes that for once");
    }
  });
export type SampleBody = z.infer<typeof sampleBody>;
