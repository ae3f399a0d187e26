import type { TeamId } from "@offhook/protocol";
import type { MiddlewareHandler } from "hono";
import type { Clock } from "../clock.ts";
import type { Store } from "../store.ts";
import { hashKey } from "./keys.ts";
import type { Authenticate, Env } from "./parts.ts";
import { refuse } from "./problem.ts";

/** So many keys that were found are remembered, each for so long. */
const rememberedMax = 1_000;
const rememberedMs = 5_000;

/** Looks keys up by their hash. A key that is known is not looked up again for some seconds. */
export function openAuthenticator(parts: { store: Pick<Store, "findKey">; clock: Clock }): Authenticate {
  const remembered = new Map<string, { teamId: TeamId; until: number }>();
  return async (authorization) => {
    const key = bearerOf(authorization);
    if (key === undefined) return undefined;
    const hash = hashKey(key);
    const now = parts.clock.now();
    const known = remembered.get(hash);
    if (known !== undefined && known.until > now) return known.teamId;
    remembered.delete(hash);
    const found = await parts.store.findKey({ hash });
    if (found === undefined) return undefined;
    const [oldest] = remembered.keys();
    if (oldest !== undefined && remembered.size >= rememberedMax) remembered.delete(oldest);
    remembered.set(hash, { teamId: found.teamId, until: now + rememberedMs });
    return found.teamId;
  };
}

/** Lets only those in who show a key; all that follows belongs to the key's team. */
export function requireKey(authenticate: Authenticate): MiddlewareHandler<Env> {
  return async (context, next) => {
    const authorization = context.req.header("authorization");
    const teamId = await authenticate(authorization);
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
