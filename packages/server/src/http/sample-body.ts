import { assistantServer, sampleTypes, serverAddress } from "@offhook/protocol";
import { z } from "zod";

const { secret, headers, format, auth, timeoutSeconds, tls } = assistantServer.shape;

/** `POST /events/v1/test`: where to, what, and as an assistant's Server URL would have it. */
export const sampleBody = z.object({
  url: serverAddress,
  type: z.enum(sampleTypes).default("status-update"),
  secret,
  headers,
  format,
  auth,
  timeoutSeconds,
  tls,
});
export type SampleBody = z.infer<typeof sampleBody>;
