import { z } from "zod";

/** `POST /keys/v1/keys`: what people call the key, such as where it is used. */
export const keyBody = z.strictObject({ name: z.string().trim().min(1).max(64) });
export type KeyBody = z.infer<typeof keyBody>;

/** What an API key is revoked by: the first 16 hex digits of its SHA-256, behind `key-`. */
export const keyId = z.string().regex(/^key-[0-9a-f]{16}$/u, "is no id of a key: key-, and 16 hex digits");

/** An API key of a team in a list; never the key itself. `createdAt` is ISO 8601, UTC. */
export const keyView = z.object({ id: keyId, name: z.string(), createdAt: z.iso.datetime() });
export type KeyView = z.infer<typeof keyView>;

/** A key that was made just now, with the key itself: it is shown this once. */
export const newKeyView = keyView.extend({ key: z.string() });
export type NewKeyView = z.infer<typeof newKeyView>;
