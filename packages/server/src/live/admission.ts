import type { IncomingMessage } from "node:http";
import { callId as callIdSchema, type Refusal, type TeamId } from "@offhook/protocol";
import { type Clock, timedOut, within } from "../clock.ts";
import type { Log } from "../log.ts";
import type { Store } from "../store.ts";
import { liveLimits } from "./limits.ts";
import type { LiveTokens } from "./token.ts";
import type { Whom } from "./watched-call.ts";

export type AdmissionParts = {
  store: Pick<Store, "entriesOfCall" | "findCall">;
  /** Whose key an `Authorization` header holds. */
  authenticate: (authorization: string | undefined) => Promise<TeamId | undefined>;
  tokens: LiveTokens;
  clock: Clock;
  log: Log;
};

/** Finds the call that a client wants to watch, if it may: by the call's token, or by a key of its team. */
export async function admit(parts: AdmissionParts, request: IncomingMessage): Promise<Whom | Refusal> {
  try {
    const whom = await within(parts.clock, liveLimits.admitMaxMs, identify(parts, request));
    return whom === timedOut ? storeSilent : whom;
  } catch (error) {
    parts.log.error("a live socket could not be opened: the store failed", { error });
    return storeSilent;
  }
}

async function identify(parts: AdmissionParts, request: IncomingMessage): Promise<Whom | Refusal> {
  const url = URL.parse(request.url ?? "", "http://server");
  const [, id] = /^\/calls\/v1\/conversations\/([^/]+)\/live$/u.exec(url?.pathname ?? "") ?? [];
  if (id === undefined) return noSuchPath;
  const { authorization } = request.headers;
  const token = url?.searchParams.get("token") ?? "";
  return authorization === undefined ? byToken(parts, id, token) : byKey(parts, id, authorization);
}

async function byToken(
  { store, tokens }: AdmissionParts,
  id: string,
  token: string,
): Promise<Whom | Refusal> {
  const { data: callId } = callIdSchema.safeParse(id);
  if (callId === undefined || !tokens.fits(callId, token)) return noToken;
  const [first] = await store.entriesOfCall({ callId, after: 0, limit: 1 });
  return first === undefined ? unknownCall : { teamId: first.teamId, callId };
}

async function byKey(parts: AdmissionParts, id: string, authorization: string): Promise<Whom | Refusal> {
  const { data: callId } = callIdSchema.safeParse(id);
  const teamId = await parts.authenticate(authorization);
  if (teamId === undefined) return unknownKey;
  if (callId === undefined || (await parts.store.findCall({ teamId, callId })) === undefined)
    return unknownCall;
  return { teamId, callId };
}

const noSuchPath: Refusal = {
  refused: "not-found",
  detail: "There is no WebSocket at this path: a call's `liveUrl` has one.",
};

const unknownCall: Refusal = {
  refused: "not-found",
  detail: "There is no such call: GET /calls/v1/conversations lists those there are.",
};

const unknownKey: Refusal = {
  refused: "unauthorized",
  detail: "This API key is not known here: check it, or use the call's `liveUrl`.",
};

const noToken: Refusal = {
  refused: "unauthorized",
  detail:
    "Connect to the call's `liveUrl`, whose token opens it, or send your API key: `Authorization: Bearer <key>`.",
};

const storeSilent: Refusal = {
  refused: "store-unavailable",
  detail: "The server's store did not answer: try again in some seconds.",
};
