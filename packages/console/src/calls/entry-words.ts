import type { EventView, Happening, HappeningOf, ToolOutcome } from "@offhook/protocol";
import type { IconName } from "../ui/icon.tsx";
import type { Tone } from "../ui/tone.ts";
import { count, span, spaced } from "../ui/words.ts";

/** An entry of a journal in words. */
export type EntryWords = { title: string; about: string; icon: IconName; tone: Tone };

const plain = (icon: IconName, title: string, about = ""): EntryWords => ({
  icon,
  title,
  about,
  tone: "plain",
});

export function entryWords(what: Happening): EntryWords {
  switch (what.type) {
    case "call-created":
      return plain("calls", "Call created", assistantIn(what));
    case "assistant-chosen":
      return chosenWords(what);
    case "tools-listed":
      return {
        ...plain("tool", "Tools listed", listedIn(what)),
        tone: what.fault === null ? "note" : "warn",
      };
    case "variables-missing":
      return { ...plain("error", "Variables missing", what.names.join(", ")), tone: "warn" };
    case "status-changed":
      return { ...plain("status", `Call ${what.status}`, reasonIn(what)), tone: "accent" };
    case "turn-started":
      return plain("turn", "Turn started", `by ${spaced(what.cause)}`);
    case "turn-ended":
      return { ...plain("turn", "Turn ended", spaced(what.outcome)), tone: turnTones[what.outcome] };
    case "message-added":
      return messageWords(what);
    case "model-requested":
      return askedWords(what);
    case "model-answered":
      return modelWords(what);
    case "tool-requested":
      return { ...plain("tool", `Tool ${what.name}`, argumentsIn(what)), tone: "note" };
    case "tool-answered":
      return toolWords(what);
    case "hang":
      return { icon: "hang", title: "Hang", about: hangIn(what), tone: "warn" };
    case "hang-recovered":
      return {
        icon: "hang",
        title: "Hang recovered",
        about: `after ${span(what.hang.elapsedMs)}`,
        tone: "good",
      };
    case "error":
      return { icon: "error", title: `Error: ${what.error.code}`, about: what.error.message, tone: "bad" };
    case "taken-up":
      return {
        icon: "again",
        title: "Taken up",
        about: `by another start of the server, after ${span(what.pauseMs)} without an entry`,
        tone: "warn",
      };
    case "control-received":
      return {
        ...plain("control", "Control", typeof what.control["type"] === "string" ? what.control["type"] : ""),
        tone: "note",
      };
    case "analysis-finished":
      return { ...plain("report", "Analysis finished", analysisIn(what)), tone: "good" };
    case "reported":
      return { ...plain("report", "Report written", count(what.metrics.turns, "turn")), tone: "good" };
    case "analysis-updated":
      return { ...plain("report", "Analysis came late", analysisIn(what)), tone: "good" };
  }
}

const turnTones = { answered: "plain", interrupted: "warn", failed: "bad", "call-ended": "plain" } as const;

function assistantIn({ assistant }: HappeningOf<"call-created">): string {
  return typeof assistant["name"] === "string" ? `answered by ${assistant["name"]}` : "";
}

function reasonIn({ endedReason, callEndTriggerBy }: HappeningOf<"status-changed">): string {
  if (endedReason === undefined) return "";
  return callEndTriggerBy ? `${spaced(endedReason)}, by the ${callEndTriggerBy}` : spaced(endedReason);
}

type Origin = NonNullable<HappeningOf<"message-added">["origin"]>;

const originWords: Record<Origin, string> = {
  welcome: "as a welcome",
  control: "through control",
  filler: "as a filler",
  idle: "into the silence",
  warning: "as a warning",
  goodbye: "as a goodbye",
};

function messageWords({ message, heard, origin }: HappeningOf<"message-added">): EntryWords {
  const who = message.role === "user" ? "User said" : "Assistant said";
  const from = origin === undefined ? who : `${who} ${originWords[origin]}`;
  const title = heard === "cut" ? `${from}, cut off` : from;
  return { icon: "message", title, about: message.text, tone: message.role === "user" ? "plain" : "accent" };
}

const againWords = {
  failure: "the one before failed",
  hang: "the one before hung",
  "server-lost": "the one before was lost with its server",
} as const;

function askedWords({ provider, model, again }: HappeningOf<"model-requested">): EntryWords {
  const about = `${provider} ${model}`;
  if (again === undefined) return { ...plain("model", "Model asked", about), tone: "talk" };
  return { ...plain("model", "Model asked again", `${about}, as ${againWords[again]}`), tone: "warn" };
}

function modelWords({ outcome, firstContentMs, totalMs, usage }: HappeningOf<"model-answered">): EntryWords {
  const first = firstContentMs === null ? "no content" : `first content ${span(firstContentMs)}`;
  const tokens = usage === undefined ? "" : `, ${count(usage.completionTokens, "token")}`;
  const tone = outcome === "failed" ? "bad" : outcome === "discarded" ? "warn" : "talk";
  return {
    icon: "model",
    title: `Model answered, ${outcome}`,
    about: `${first}, whole ${span(totalMs)}${tokens}`,
    tone,
  };
}

function argumentsIn(what: HappeningOf<"tool-requested">): string {
  return `${what.async ? "not waited for; " : ""}${JSON.stringify(what.arguments)}`;
}

function toolWords({ name, outcome, elapsedMs, http }: HappeningOf<"tool-answered">): EntryWords {
  const about = [span(elapsedMs), ...reachedIn(http), understood(outcome)].join(", ");
  return { icon: "tool", title: `${name} answered`, about, tone: outcome.kind === "error" ? "bad" : "note" };
}

function reachedIn(http: HappeningOf<"tool-answered">["http"]): string[] {
  if (http === undefined) return [];
  const status = http.status === null ? "no status" : `status ${http.status}`;
  return [http.attempts > 1 ? `${status} at attempt ${http.attempts}` : status];
}

/** How the answer of a tool was read. */
function understood(outcome: ToolOutcome): string {
  if (outcome.kind === "error") return outcome.error;
  return `understood as ${spaced(outcome.understoodAs)}`;
}

function hangIn({ hang }: HappeningOf<"hang">): string {
  const whom =
    hang.phase === "tool" && hang.toolName !== undefined ? `tool ${hang.toolName}` : `the ${hang.phase}`;
  return `waiting for ${whom} for ${span(hang.elapsedMs)}`;
}

function chosenWords({ by, asked }: HappeningOf<"assistant-chosen">): EntryWords {
  const about = asked === null ? "nobody was asked" : (asked.fault ?? `asked for ${span(asked.elapsedMs)}`);
  const tone = by === "answer" ? "plain" : "warn";
  return { ...plain("calls", `Assistant chosen by the ${spaced(by)}`, about), tone };
}

function listedIn({ names, fault, elapsedMs }: HappeningOf<"tools-listed">): string {
  return fault ?? `${names.join(", ")} after ${span(elapsedMs)}`;
}

function analysisIn({ analysis }: HappeningOf<"analysis-finished" | "analysis-updated">): string {
  return Object.entries(analysis.status)
    .filter(([, status]) => status !== "skipped")
    .map(([kind, status]) => `${kind} ${status}`)
    .join(", ");
}

/** Whether an entry is about the conversation itself, or about what went on behind it. */
export const entryKinds = ["all", "conversation", "model", "tools", "trouble", "told"] as const;
export type EntryKind = (typeof entryKinds)[number];

export function isOfKind({ data, told }: EventView, kind: EntryKind): boolean {
  if (kind === "all") return true;
  if (kind === "told") return told !== null;
  return kindOf(data) === kind;
}

function kindOf(what: Happening): EntryKind {
  switch (what.type) {
    case "message-added":
    case "turn-started":
    case "turn-ended":
      return "conversation";
    case "model-requested":
    case "model-answered":
      return "model";
    case "tool-requested":
    case "tool-answered":
      return what.type === "tool-answered" && what.outcome.kind === "error" ? "trouble" : "tools";
    case "hang":
    case "hang-recovered":
    case "error":
    case "variables-missing":
      return "trouble";
    case "tools-listed":
      return what.fault === null ? "tools" : "trouble";
    default:
      return "all";
  }
}
