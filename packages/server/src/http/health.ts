import { createRoute, z } from "@hono/zod-openapi";
import type { Refusal } from "@offhook/protocol";
import { timedOut, within } from "../clock.ts";
import { StoreError } from "../store.ts";
import { answer, elseProblem, open, refusals } from "./operation.ts";
import type { App, HttpParts, Standing } from "./parts.ts";
import { refuse } from "./problem.ts";

/** How long the store may take to write before the server is not ready. */
export const readyMaxMs = 2_000;
/** An answer of the store holds so long, however many ask. */
const checkHoldsMs = 1_000;

const healthView = z.object({ status: z.literal("ok"), version: z.string() });

/** Whether the process lives, and whether it can do its work. */
export function addHealth(app: App, parts: HttpParts): void {
  const { version } = parts;
  const health = createRoute({
    method: "get",
    path: "/healthz",
    operationId: "health",
    tags: ["server"],
    summary: "Whether the process lives",
    description: "Answers 200 as long as it can answer at all. Open to all.",
    responses: { 200: answer("It lives.", healthView), ...elseProblem },
    ...open,
  });
  app.openapi(health, (context) => context.json({ status: "ok" as const, version }, 200));
  const ready = createRoute({
    method: "get",
    path: "/readyz",
    operationId: "ready",
    tags: ["server"],
    summary: "Whether it can do its work",
    description: `Answers 200 when something could be written to the store within ${readyMaxMs / 1_000} s. Answers 503, and says why, when it could not, from the moment that the server is told to stop, and while a server among several has lost touch with the store. Open to all.`,
    responses: { 200: answer("It is ready.", healthView), ...elseProblem },
    ...open,
    ...refusals("store-unavailable", "stopping"),
  });
  const check = storeCheck(parts);
  app.openapi(ready, async (context) => {
    const standing = parts.standing();
    const refusal = standing === "open" ? await check() : closed[standing];
    if (refusal !== undefined) return refuse(context, refusal);
    return context.json({ status: "ok" as const, version }, 200);
  });
}

const closed: Record<Exclude<Standing, "open">, Refusal> = {
  stopping: { refused: "stopping", detail: "The server is stopping: ask another." },
  adrift: {
    refused: "store-unavailable",
    detail: "The server has lost touch with the store, and others may have taken its calls: ask another.",
  },
};

/** Has the store write something, at most once at a time and once in a while. */
function storeCheck({ store, clock }: HttpParts): () => Promise<Refusal | undefined> {
  let last: { at: number; found: Promise<Refusal | undefined> } | undefined;
  return () => {
    if (last === undefined || clock.now() >= last.at + checkHoldsMs)
      last = { at: clock.now(), found: faultOf(store, clock) };
    return last.found;
  };
}

async function faultOf(store: HttpParts["store"], clock: HttpParts["clock"]): Promise<Refusal | undefined> {
  const checked = await within(clock, readyMaxMs, store.check()).catch((error: unknown) => sentence(error));
  if (checked === undefined) return undefined;
  const detail = checked === timedOut ? `The store did not answer within ${readyMaxMs} ms.` : checked;
  return { refused: "store-unavailable", detail };
}

function sentence(error: unknown): string {
  return error instanceof StoreError ? error.message : "The store failed.";
}
