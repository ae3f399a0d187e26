import { jsonObject } from "@offhook/protocol";
import type { Answer } from "./answer.ts";
import { type Connection, pathOf, request } from "./request.ts";

/** The new secret (one is made if there is none), and how long the old one signs too: 24 hours if not said, at most 168. */
export type RotateInput = { secret?: string; overlapHours?: number };

/** A new secret, which is shown this once. `previousSecretUntil` is ISO 8601, null when there is no overlap. */
export type Rotated = { secret: string; previousSecretUntil: string | null };

/** The secrets that messages are signed with. */
export type Secrets = {
  /** Gives the server of an assistant or of a tool a new secret. Refused with `not-found`, or `invalid` when it has no server. */
  rotate(of: { kind: "assistants" | "tools"; id: string }, how?: RotateInput): Promise<Answer<Rotated>>;
};

const rotated = jsonObject.transform((given, context): Rotated => {
  const { secret, previousSecretUntil } = given;
  if (typeof secret === "string")
    return {
      secret,
      previousSecretUntil: typeof previousSecretUntil === "string" ? previousSecretUntil : null,
    };
  context.issues.push({ code: "custom", path: ["secret"], message: "a text is missing", input: secret });
  return { secret: "", previousSecretUntil: null };
});

export function openSecrets(connection: Connection): Secrets {
  return {
    rotate: ({ kind, id }, body = {}) =>
      request(
        connection,
        { method: "POST", path: pathOf("/assistants/v1", kind, id, "server", "rotate-secret"), body },
        rotated,
      ),
  };
}
