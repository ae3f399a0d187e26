import type { Happening } from "@offhook/protocol";
import type { Effect } from "../effect.ts";

/** What was written, in one short line; ids are shown as their number. */
export function lineOfEntry(entry: Happening): string {
  switch (entry.type) {
    case "status-changed":
      return lineOfStatus(entry);
    case "turn-started":
      return `turn ${count(entry.turnId)} begins: ${entry.cause}`;
    case "turn-ended":
      return `turn ${count(entry.turnId)} ${entry.outcome}`;
    case "message-added":
      return `${entry.message.role}${markOf(entry)}: ${entry.message.text}`;
    case "model-requested":
      return `model asked for reply ${count(entry.replyId)}${entry.again === "hang" ? ` of ${entry.model}` : ""}`;
    case "model-answered":
      return `reply ${count(entry.replyId)} ${entry.outcome}`;
    case "tool-requested":
      return `tool ${count(entry.toolCallId)} asked: ${entry.name}${entry.async ? " (async)" : ""}`;
    case "tool-answered":
      return `tool ${count(entry.toolCallId)} ${lineOfOutcome(entry.outcome)}`;
    case "hang":
      return `hang: ${entry.hang.toolName ?? entry.hang.phase}, ${entry.hang.elapsedMs} ms`;
    case "hang-recovered":
      return `recovered after ${entry.hang.elapsedMs} ms`;
    case "error":
      return `${entry.error.type}: ${entry.error.code}`;
    case "control-received":
      return `control ${String(entry.control["type"])}`;
    default:
      return entry.type;
  }
}

/** What is to be done, in one short line. */
export function lineOfEffect(effect: Effect): string {
  switch (effect.type) {
    case "ask-model":
      return `ask model ${count(effect.replyId)}${effect.request.tools === "none" ? " without tools" : ""}`;
    case "stop-model":
      return `stop model ${count(effect.replyId)}`;
    case "ask-tool":
      return `ask tool ${count(effect.toolCallId)} ${effect.tool.name} ${JSON.stringify(effect.arguments)}`;
    case "say":
      if (!effect.last) return `say "${effect.text}" …`;
      return effect.text === "" ? "say no more" : `say "${effect.text}"`;
    case "hush":
    case "pause":
    case "resume":
      return effect.type;
    case "close-channel":
      return "close";
  }
}

function markOf({ heard, origin, waits }: Extract<Happening, { type: "message-added" }>): string {
  const marks = [
    ...(origin === "filler" ? [origin] : []),
    ...(heard === "cut" ? [heard] : []),
    ...(waits ? ["waits"] : []),
  ];
  return marks.length === 0 ? "" : ` (${marks.join(", ")})`;
}

type Status = Extract<Happening, { type: "status-changed" }>;

function lineOfStatus({ status, endedReason, callEndTriggerBy, forwardedTo }: Status): string {
  if (status === "finished") return `finished: ${endedReason} by ${callEndTriggerBy}`;
  return forwardedTo === undefined ? status : `${status} to ${forwardedTo.phoneNumber}`;
}

type Outcome = Extract<Happening, { type: "tool-answered" }>["outcome"];

function lineOfOutcome(outcome: Outcome): string {
  if (outcome.kind === "error") return `failed: ${outcome.code}`;
  return `answered: ${typeof outcome.result === "string" ? outcome.result : JSON.stringify(outcome.result)}`;
}

function count(id: string): string {
  return id.slice(id.lastIndexOf("_") + 1);
}
