import type { Receipts, Sequences } from "@offhook/server-url";
import type { Redis } from "ioredis";

/** After so long without an answer the owner of a claim is taken for dead. Longer than any handler takes. */
const claimMsMax = 60_000;
/** Longer than a server goes on trying, which is about 76 hours. */
const keptMs = 4 * 24 * 3_600_000;

const claimed = "claimed";

/** Receipts and sequences in Redis, shared by the processes of many machines. */
export function redisStore(redis: Redis, prefix = "offhook"): { receipts: Receipts; sequences: Sequences } {
  const receipt = (id: string): string => `${prefix}:receipt:${id}`;
  const sequence = (callId: string): string => `${prefix}:sequence:${callId}`;
  return {
    receipts: {
      async claim(id) {
        // One command is one step: of two processes only one gets the claim, and it ends by itself.
        const got = await redis.set(receipt(id), claimed, "PX", claimMsMax, "NX");
        if (got === "OK") return { kind: "new" };
        const body = await redis.get(receipt(id));
        // Its owner has just given it back: the sender will ask again.
        return body === null || body === claimed ? { kind: "elsewhere" } : { kind: "answered", body };
      },
      async keep(id, body) {
        await redis.set(receipt(id), body, "PX", keptMs);
      },
      async forget(id) {
        await redis.del(receipt(id));
      },
    },
    sequences: {
      async last(callId) {
        const last = await redis.get(sequence(callId));
        return last === null ? null : Number(last);
      },
      async note(callId, number) {
        await redis.eval(noteScript, 1, sequence(callId), number, keptMs);
      },
    },
  };
}

/** Keeps the higher of two numbers. */
const noteScript = `
local last = tonumber(redis.call("GET", KEYS[1]) or "0")
if tonumber(ARGV[1]) > last then redis.call("SET", KEYS[1], ARGV[1], "PX", ARGV[2]) end`;
