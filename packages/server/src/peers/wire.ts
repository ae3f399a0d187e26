import {
  call,
  callId,
  connectBody,
  control,
  fault,
  listenedToolCall,
  listenerAnswer,
  liveUpdate,
  type Refusal,
  refusalCodes,
  type TeamId,
} from "@offhook/protocol";
import { z } from "zod";
import type { PeerAnswer, PeerQuestion } from "../peers.ts";

const teamId = z
  .string()
  .min(1)
  .transform((name) => name as TeamId);

const whom = { teamId, callId };

const listeners = z.array(
  z.object({ teamId, assistants: z.union([z.literal("all"), z.array(z.string())]), since: z.number() }),
);

const from = z.object({ nodeId: z.string().min(1), url: z.string() });

/** What a newer server adds to a question that is known here is left out; a question that is not known cannot be read. */
const question = z.discriminatedUnion("ask", [
  z.object({ ask: z.literal("control"), ...whom, control }),
  z.object({ ask: z.literal("hear"), ...whom, text: z.string().min(1) }),
  z.object({ ask: z.literal("leave"), ...whom }),
  z.object({ ask: z.literal("look"), ...whom }),
  z.object({
    ask: z.literal("connect"),
    teamId,
    body: connectBody,
    idempotencyKey: z.string().min(1).max(255),
  }),
  z.object({ ask: z.literal("listen"), from, turn: z.number().int(), listeners }),
  z.object({ ask: z.literal("offer"), teamId, call: listenedToolCall }),
  z.object({ ask: z.literal("answer"), teamId, toolCallId: z.string(), answer: listenerAnswer }),
]);

const asked = z.object({ to: z.string().min(1), question });

const refusal = z.object({
  // A code of a newer server is told as one that is known here.
  refused: z.enum(refusalCodes).catch("taking-over"),
  detail: z.string(),
  errors: z.array(fault).optional(),
});

const state = liveUpdate.nullable().transform((update) => (update?.type === "state" ? update : null));

const offered = z.discriminatedUnion("came", [
  z.object({
    came: z.literal("answered"),
    status: z.number().int(),
    headers: z.record(z.string(), z.string()),
    body: z.string(),
  }),
  z.object({
    came: z.literal("failed"),
    kind: z.enum(["unreachable", "timed-out", "too-large", "stopped"]),
    detail: z.string(),
  }),
]);

const answer = z.discriminatedUnion("answer", [
  z.object({ answer: z.literal("done") }),
  z.object({ answer: z.literal("heard"), after: z.number().int() }),
  z.object({ answer: z.literal("looked"), state }),
  z.object({ answer: z.literal("connected"), call }),
  z.object({ answer: z.literal("offered"), offered }),
  z.object({ answer: z.literal("refused"), refusal }),
  z.object({ answer: z.literal("elsewhere") }),
]);

export type Asked = { to: string; question: PeerQuestion };

export function writeAsked(given: Asked): string {
  return JSON.stringify(given);
}

export function readAsked(text: string): Asked | undefined {
  return asked.safeParse(parse(text)).data;
}

/** An answer in so many bytes at most: instead of one that is larger it is said that there was one, since who asked would wait for it in vain. */
export function writeAnswer(given: PeerAnswer, bytesMax: number): string {
  const text = JSON.stringify(given);
  if (Buffer.byteLength(text) <= bytesMax) return text;
  return JSON.stringify({ answer: "refused", refusal: unheardOf(bytesMax) } satisfies PeerAnswer);
}

function unheardOf(bytesMax: number): Refusal {
  const detail = `It was done, but the answer is larger than the ${bytesMax} bytes that pass between servers.`;
  return { refused: "outcome-unknown", detail };
}

export function readAnswer(text: string): PeerAnswer | undefined {
  const read = answer.safeParse(parse(text)).data;
  if (read?.answer !== "refused") return read;
  const { errors, ...rest } = read.refusal;
  return { answer: "refused", refusal: errors === undefined ? rest : { ...rest, errors } };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
