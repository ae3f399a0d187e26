import { z } from "zod";
import type { CallType } from "./words.ts";

/** What each kind of call gives to its ids (contract 1.1). */
const callPrefixes = { web: "WC", phone: "CC", chat: "TC" } as const satisfies Record<CallType, string>;

export const callId = z
  .string()
  .regex(/^(WC|CC|TC)-[0-9a-f-]{36}$/u, "a call id is WC-, CC- or TC- and a UUID")
  .brand<"CallId">();
export type CallId = z.infer<typeof callId>;

export const teamId = z.string().min(1).max(64).brand<"TeamId">();
export type TeamId = z.infer<typeof teamId>;

export const assistantId = z.string().min(1).max(64).brand<"AssistantId">();
export type AssistantId = z.infer<typeof assistantId>;

export const toolId = z.string().min(1).max(64).brand<"ToolId">();
export type ToolId = z.infer<typeof toolId>;

/** The team that every row belongs to until there are more. */
export const defaultTeam = "default" as TeamId;

/** Makes a call's id from its kind and a UUID: `TC-<uuid>` for a chat. */
export function makeCallId(type: CallType, uuid: string): CallId {
  return `${callPrefixes[type]}-${uuid}` as CallId;
}

/** The UUID inside a call's id. */
export function uuidOf(id: CallId): string {
  return id.slice(3);
}

/**
 * The id of an event at a Server URL: `evt_<call>_<sequence>`. It follows from
 * the call and the sequence alone, so every attempt carries the same one
 * without its being stored. It holds no `.`, which Standard Webhooks forbids.
 */
export function eventId(call: CallId, sequence: number): string {
  return `evt_${call}_${sequence}`;
}

/** Reads an {@link eventId} back; `undefined` when it is not one. */
export function parseEventId(id: string): { callId: CallId; sequence: number } | undefined {
  const match = /^evt_((?:WC|CC|TC)-[0-9a-f-]{36})_([1-9][0-9]{0,8})$/u.exec(id);
  const [, call, sequence] = match ?? [];
  if (call === undefined || sequence === undefined) return undefined;
  return { callId: call as CallId, sequence: Number(sequence) };
}
