import { z } from "zod";

/**
 * `POST /session`: an API key, or the ticket of a one-time link. It is answered
 * with a cookie that stands for the key in a page of the server's own origin.
 */
export const signInBody = z.union(
  [
    z.strictObject({ apiKey: z.string().min(1).max(512) }),
    z.strictObject({ ticket: z.string().min(1).max(128) }),
  ],
  { error: 'send {"apiKey": "…"}, or {"ticket": "…"} from a one-time link' },
);
export type SignInBody = z.infer<typeof signInBody>;

/** Who is signed in, and until when: ISO 8601, UTC. */
export const sessionView = z.object({ teamId: z.string(), until: z.iso.datetime() });
export type SessionView = z.infer<typeof sessionView>;
