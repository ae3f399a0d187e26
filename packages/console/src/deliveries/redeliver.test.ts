import type { Client } from "@offhook/client";
import type { DeliveryState } from "@offhook/protocol";
import { expect, test } from "vitest";
import { manyOf, redeliver } from "./redeliver.ts";

type Kept = { attempts: number; state: DeliveryState };

/** A server in which what is sent again is tried at the next look. */
function serverOf(
  kept: Map<string, Kept>,
  outcome: (id: string) => DeliveryState,
): Pick<Client, "deliveries"> {
  const sent = new Set<string>();
  const refused = { type: "", title: "", status: 404, detail: "there is none", code: "not-found" };
  return {
    deliveries: {
      get: async (id) => {
        const one = kept.get(id);
        if (one === undefined) return { ok: false, problem: refused };
        const { attempts, state } = one;
        if (sent.delete(id)) kept.set(id, { attempts: attempts + 1, state: outcome(id) });
        const view = {
          callId: "TC-1",
          sequence: 1,
          type: "hang" as const,
          at: 1,
          nextAt: null,
          reason: null,
        };
        return { ok: true, value: { id, attempts, state, ...view, attemptLog: [] } };
      },
      redeliver: async (id) => {
        if (!kept.has(id)) return { ok: false, problem: refused };
        sent.add(id);
        return { ok: true, value: { events: [id] } };
      },
      list: async () => ({ ok: false, problem: refused }),
      async *each() {
        yield { ok: false, problem: refused };
      },
      redeliverMany: async () => ({ ok: false, problem: refused }),
    },
  };
}

async function lastOf(ids: string[], client: Pick<Client, "deliveries">) {
  let last;
  for await (const progress of redeliver({ client, pause: async () => undefined }, ids)) last = progress;
  return last;
}

const dead = (): Kept => ({ attempts: 1, state: "dead" });

test("what is sent again is watched until each was accepted or has failed once more", async () => {
  const ids = ["a", "b", "c", "d", "e", "f"];
  const kept = new Map(ids.map((id) => [id, dead()]));
  const client = serverOf(kept, (id) => (id === "c" ? "dead" : "delivered"));
  expect(await lastOf(ids, client)).toEqual({ of: 6, sent: 6, accepted: 5, failed: 1 });
});

test("it stops at the first that is refused, and says why", async () => {
  const client = serverOf(new Map([["a", dead()]]), () => "delivered");
  expect(await lastOf(["a", "gone"], client)).toMatchObject({ sent: 1, problem: { code: "not-found" } });
});

test.each([
  [{}, "dead"],
  [{ state: "superseded" as const }, "superseded"],
  [{ state: "delivered" as const }, "delivered"],
  [{ state: "pending" as const }, undefined],
  [{ state: "retrying" as const }, undefined],
])("all that %o shows is sent again as %s", (filter, state) => {
  expect(manyOf(filter)?.state).toBe(state);
});
