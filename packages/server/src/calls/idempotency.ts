import { createHash } from "node:crypto";
import type { Call, CallId, TeamId } from "@offhook/protocol";
import { type Store, StoreError } from "../store.ts";

/**
 * The UUID of the call that a team makes under an idempotency key: it follows
 * from both, so that the same key leads to the same call, also after a restart
 * and on another node. Version 8 of RFC 9562, from SHA-256.
 */
export function uuidOfKey(teamId: TeamId, key: string): string {
  const hash = createHash("sha256")
    .update(JSON.stringify([teamId, key]))
    .digest();
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x80;
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80;
  const hex = hash.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    "-",
  );
}

type Keyed<Answer> = {
  store: Pick<Store, "findCall">;
  teamId: TeamId;
  callId: CallId;
  /** Makes the call; fails with `journal-conflict` when another was making it at the same time. */
  make: () => Promise<Answer>;
};

/** The call that was made under a key before, or else the one that is made now. */
export async function madeOnce<Answer>({
  store,
  teamId,
  callId,
  make,
}: Keyed<Answer>): Promise<Answer | Call> {
  const earlier = await store.findCall({ teamId, callId });
  if (earlier !== undefined) return earlier;
  try {
    return await make();
  } catch (error) {
    const isTaken = error instanceof StoreError && error.code === "journal-conflict";
    const other = isTaken ? await store.findCall({ teamId, callId }) : undefined;
    if (other === undefined) throw error;
    return other;
  }
}
