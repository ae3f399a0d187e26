import type { Refusal, RotateSecretBody } from "@offhook/protocol";
import type { Clock } from "../clock.ts";
import type { Random } from "../random.ts";
import type { Library, Whom } from "./library.ts";

/** Where the server is in what is kept: an assistant's or a tool's. */
export type ServerField = "assistantServer" | "server";

/** The secret that signs from now on, shown this once; the one before signs beside it until then (ISO 8601), if there was one. */
export type Rotated = { secret: string; previousSecretUntil: string | null };

/** Bytes of a secret that is made here. */
const secretBytes = 32;

/**
 * Gives a server a new secret. The one before it goes on signing beside it for
 * the overlap; one before that is dropped. `undefined` when there is no such thing.
 */
export async function rotateSecret<Body extends Record<string, unknown>>(
  parts: { library: Library<Body>; field: ServerField; clock: Clock; random: Random },
  whom: Whom,
  given: RotateSecretBody,
): Promise<Rotated | Refusal | undefined> {
  const { library, field, clock, random } = parts;
  const secret =
    given.secret ?? `whsec_${Buffer.from(random.token(secretBytes), "base64url").toString("base64")}`;
  const until = clock.now() + given.overlapHours * 3_600_000;
  const rotated = { keeps: false };
  const changed = await library.change(whom, (kept) => {
    const server = serverOf(kept, field);
    if (server === undefined) return nowhere(field);
    const before = server["secret"];
    const isOld = typeof before === "string" && before !== "" && given.overlapHours > 0;
    const previousSecret = isOld ? { secret: before, until } : null;
    rotated.keeps = isOld;
    return { patch: { [field]: { secret, previousSecret } } };
  });
  if (changed === undefined || "refused" in changed) return changed;
  return { secret, previousSecretUntil: rotated.keeps ? new Date(until).toISOString() : null };
}

function serverOf(kept: Record<string, unknown>, field: ServerField): Record<string, unknown> | undefined {
  const server = kept[field];
  return typeof server === "object" && server !== null && "url" in server ? { ...server } : undefined;
}

function nowhere(field: ServerField): Refusal {
  const detail = `There is no address to sign for: PATCH \`${field}.url\` first, then rotate its secret.`;
  return { refused: "invalid", detail, errors: [{ path: `/${field}/url`, message: "is missing" }] };
}
