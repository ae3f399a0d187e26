import { callId, happening, liveUpdate, type TeamId } from "@offhook/protocol";
import { z } from "zod";
import type { News } from "../../bus.ts";

/** Teams are let in by their keys; here the name is only read. */
const teamId = z
  .string()
  .min(1)
  .transform((name) => name as TeamId);

const whose = { teamId, callId };

const entry = z.object({
  ...whose,
  seq: z.number().int(),
  at: z.number(),
  sequence: z.number().int().nullable(),
  position: z.number().int(),
  what: happening,
});

/** News as they travel: what is beside these fields comes from a newer server, and is left out. */
const news = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("entries"), ...whose, entries: z.array(entry) }),
  z.object({ kind: z.literal("live"), ...whose, update: liveUpdate }),
  z.object({ kind: z.literal("gap"), teamId, callId: callId.nullable() }),
]);

/** Who it is about can be read where the rest cannot. */
const about = z.object({ kind: z.string(), teamId, callId: callId.nullable() });

/** News to send, in so many bytes at most: entries that are larger become a gap, the rest nothing. */
export function writeNews(given: News, bytesMax: number): string | undefined {
  const text = JSON.stringify(given);
  if (Buffer.byteLength(text) <= bytesMax) return text;
  if (given.kind !== "entries") return undefined;
  return JSON.stringify(gapOf(given));
}

/**
 * Reads news of another server, older or newer than this one. Entries that it
 * cannot read become a gap; what else it cannot read is nothing.
 */
export function readNews(text: string): News | undefined {
  const value = parse(text);
  const read = news.safeParse(value);
  if (read.success) return read.data;
  const rest = about.safeParse(value);
  return rest.success && rest.data.kind === "entries" ? gapOf(rest.data) : undefined;
}

function gapOf({ teamId: team, callId: call }: Pick<News, "teamId" | "callId">): News {
  return { kind: "gap", teamId: team, callId: call };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
