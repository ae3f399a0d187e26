import type { TeamId } from "@offhook/protocol";
import type { MiddlewareHandler } from "hono";
import type { Clock } from "../clock.ts";
import type { Store } from "../store.ts";
import { hashKey } from "./keys.ts";
import type { Authenticate, Env, HttpParts } from "./parts.ts";
import { refuse } from "./problem.ts";
import { sessionOf } from "./session.ts";

/** So many keys that were found are remembered, each for so long. */
const rememberedMax = 1_000;
const rememberedMs = 5_000;

type KeyParts = { store: Pick<Store, "findKey">; clock: Clock };

/** Looks keys up by their hash. A key that is known is not looked up again for some seconds. */
export function openAuthenticator(parts: KeyParts): Authenticate {
  const teamOf = openKeyring(parts);
  return async (authorization) => {
    const key = bearerOf(authorization);
    return key === undefined ? undefined : teamOf(hashKey(key));
  };
}

/** Whose key has this hash. */
export function openKeyring({ store, clock }: KeyParts): (hash: string) => Promise<TeamId | undefined> {
  const remembered = new Map<string, { teamId: TeamId; until: number }>();
  return async (hash) => {
    const now = clock.now();
    const known = remembered.get(hash);
    if (known !== undefined && known.until > now) return known.teamId;
    remembered.delete(hash);
    const found = await store.findKey({ hash });
    if (found === undefined) return undefined;
    const [oldest] = remembered.keys();
    if (oldest !== undefined && remembered.size >= rememberedMax) remembered.delete(oldest);
    remembered.set(hash, { teamId: found.teamId, until: now + rememberedMs });
    return found.teamId;
  };
}

/** Lets only those in who show a key, or the cookie of a session; all that follows belongs to the key's team. */
export function requireKey(parts: HttpParts): MiddlewareHandler<Env> {
  return async (context, next) => {
    const authorization = context.req.header("authorization");
    const session = authorization === undefined ? await sessionOf(context, parts) : undefined;
    if (session !== undefined && "refused" in session) return refuse(context, session);
    const teamId = session?.teamId ?? (await parts.authenticate(authorization));
    if (teamId === undefined)
      return refuse(context, { refused: "unauthorized", detail: sentence(authorization) });
    context.set("teamId", teamId);
    return next();
  };
}

function bearerOf(authorization: string | undefined): string | undefined {
  return /^Bearer +([\w.~+/-]+=*) *$/iu.exec(authorization ?? "")?.[1];
}

function sentence(authorization: string | undefined): string {
  if (authorization === undefined)
    return "Send your API key with the request: `Authorization: Bearer <key>`.";
  if (bearerOf(authorization) === undefined) return "The Authorization header is not `Bearer <key>`.";
  return "This API key is not known here: check it, or make another.";
}
