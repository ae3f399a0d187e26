import { z } from "zod";
import { assistantBody } from "./assistant.ts";
import { call, callStatuses, customer, monitor } from "./call.ts";
import { happening } from "./entry.ts";
import { jsonObject } from "./json.ts";
import { wireMessage } from "./message.ts";
import { callTypes, tellTypes } from "./words.ts";

/** Changes to an assistant for one call: any field of it, and the values of its variables. */
export const assistantOverrides = z.looseObject({
  dynamicVariables: z.record(z.string().max(64), z.json()).default({}),
});
export type AssistantOverrides = z.infer<typeof assistantOverrides>;

/** `POST /calls/v1/conversations/connect`. An inline `assistant` wins over `assistantId`. */
export const connectBody = z.object({
  assistantId: z.string().max(64).optional(),
  assistant: assistantBody.optional(),
  callType: z.enum(callTypes).default("chat"),
  direction: z.enum(["inbound", "outbound"]).default("inbound"),
  customer: customer.optional(),
  phoneNumberId: z.string().max(64).optional(),
  assistantOverrides: assistantOverrides.default({ dynamicVariables: {} }),
  metadata: jsonObject.default({}),
});
export type ConnectBody = z.infer<typeof connectBody>;

/** `POST /calls/v1/conversations`: the vendor's other shape of the same. */
export const conversationBody = connectBody.omit({ customer: true, phoneNumberId: true }).extend({
  userNumber: z.string().max(128).optional(),
  assistantNumber: z.string().max(128).optional(),
});
export type ConversationBody = z.infer<typeof conversationBody>;

/** `POST /calls/v1/conversations/{id}/messages`. */
export const sayBody = z.object({
  text: z.string().trim().min(1, "say something: the text is empty").max(4_000),
});

/** A call in an API answer. */
export const callView = call.extend({ monitor });
export type CallView = z.infer<typeof callView>;

export const callWithMessages = callView.extend({ messages: z.array(wireMessage) });
export type CallWithMessages = z.infer<typeof callWithMessages>;

/** What `?wait=true` answers: the messages of the reply, and how its turn ended. */
export const saidView = z.object({
  messages: z.array(wireMessage),
  outcome: z.enum(["answered", "interrupted", "failed", "call-ended", "unanswered", "still-working"]),
});
export type SaidView = z.infer<typeof saidView>;

/** An entry of a journal in an API answer. `cursor` is what `after` takes. */
export const eventView = z.object({
  cursor: z.number().int(),
  callId: z.string(),
  seq: z.number().int(),
  /** Epoch ms. */
  at: z.number().int(),
  type: z.string(),
  data: happening,
  /** What the Server URL is told of it, if it is. */
  told: z.object({ id: z.string(), type: z.enum(tellTypes), sequence: z.number().int() }).nullable(),
});
export type EventView = z.infer<typeof eventView>;

export const page = {
  page: z.coerce.number().int().min(1).max(1_000_000).default(1),
  size: z.coerce.number().int().min(1).max(200).default(20),
};
export const pageQuery = z.object(page);

/** A date or a time in ISO 8601. */
export const date = z.union([z.iso.datetime({ offset: true }), z.iso.date()], {
  error: "a date or a time in ISO 8601, such as 2026-11-22 or 2026-11-22T09:00:00Z",
});

export const callsQuery = z.object({
  ...page,
  startDate: date.optional(),
  endDate: date.optional(),
  status: z.enum(callStatuses).optional(),
  assistantId: z.string().max(64).optional(),
  /** The id of a call: those made before it. Goes on with a list however much has come in since. */
  before: z.string().max(64).optional(),
});

/** A page of a list: `page` counts from 1. */
export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({ data: z.array(item), page: z.number(), size: z.number(), totalCount: z.number() });
export type Page<Item> = { data: Item[]; page: number; size: number; totalCount: number };
