import { randomBytes, randomUUID } from "node:crypto";

/** An API key of the kind that the server makes, for one run. */
export const makeApiKey = (): string => `ohk_${randomBytes(24).toString("base64url")}`;

/** A secret for a Server URL, as Standard Webhooks writes one. */
export const makeSecret = (): string => `whsec_${randomBytes(24).toString("base64")}`;

export const makeUuid = (): string => randomUUID();
