import type { Entry, HappeningOf } from "@offhook/protocol";
import { cutMiddle, oneLine } from "./excerpt.ts";
import { limits } from "./limits.ts";

/** A finished call as a model is shown it. */
export type Transcript = {
  /** One line for each message and each answer of a tool; `""` when nobody said anything. */
  lines: string;
  /** The arguments of the tool calls, one line each; `""` when there were none. */
  toolArguments: string;
  /** Epoch ms; null for an empty journal. */
  beganAt: number | null;
  endedReason: string | null;
  /** The ids in the brackets. */
  ids: ReadonlySet<string>;
};

/**
 * Reads a journal as lines `[messageId] user: …`, `[messageId] assistant: …`
 * and, where its answer came, `[toolCallId] tool findSlots: {…}`. Every line
 * begins with an id of ours, so that nobody can say a line of another's.
 */
export function transcriptOf(entries: readonly Entry[]): Transcript {
  const answered = new Set(
    entries.flatMap(({ what }) => (what.type === "tool-answered" ? [what.toolCallId] : [])),
  );
  const said = entries.some(({ what }) => what.type === "message-added" && what.message.text.trim() !== "");
  const lines = entries.flatMap((entry) => lineOf(entry, answered) ?? []);
  return {
    lines: said ? leaveOutMiddle(lines, limits.transcriptMax) : "",
    toolArguments: leaveOutMiddle(entries.flatMap(argumentsOf), limits.argumentsMax),
    beganAt: entries[0]?.at ?? null,
    ids: new Set(entries.flatMap(idOf)),
    endedReason: entries.reduce<string | null>((reason, { what }) => endOf(what) ?? reason, null),
  };
}

function idOf({ what }: Entry): string[] {
  if (what.type === "message-added") return [what.message.messageId];
  return what.type === "tool-answered" || what.type === "tool-requested" ? [what.toolCallId] : [];
}

function lineOf({ what }: Entry, answered: ReadonlySet<string>): string | undefined {
  switch (what.type) {
    case "message-added":
      return lineOfMessage(what);
    case "tool-answered":
      return line(what.toolCallId, `tool ${what.name}`, JSON.stringify(resultOf(what.outcome)));
    case "tool-requested":
      if (answered.has(what.toolCallId)) return undefined;
      return line(
        what.toolCallId,
        `tool ${what.name}`,
        JSON.stringify({ error: "no answer came during the call" }),
      );
    default:
      return undefined;
  }
}

function lineOfMessage({ message, heard }: HappeningOf<"message-added">): string | undefined {
  const { messageId, role, text } = message;
  if (text.trim() === "") return undefined;
  return line(messageId, role, heard === "cut" ? `${text} (cut off)` : text);
}

function line(id: string, who: string, text: string): string {
  return cutMiddle(oneLine(`[${id}] ${who}: ${text}`), limits.lineMax);
}

function resultOf(outcome: HappeningOf<"tool-answered">["outcome"]): unknown {
  return outcome.kind === "result" ? outcome.result : { error: outcome.error };
}

function argumentsOf({ what }: Entry): string[] {
  if (what.type !== "tool-requested") return [];
  const text = oneLine(`(${what.toolCallId}) ${what.name} ${JSON.stringify(what.arguments)}`);
  return [cutMiddle(text, limits.lineMax)];
}

function endOf(what: Entry["what"]): string | undefined {
  return what.type === "status-changed" ? what.endedReason : undefined;
}

/** Keeps whole lines from the beginning and from the end, half the characters each. */
function leaveOutMiddle(lines: readonly string[], charactersMax: number): string {
  const whole = lines.join("\n");
  if (whole.length <= charactersMax) return whole;
  const half = charactersMax / 2;
  const head = countFitting(lines, half);
  const tail = countFitting(lines.slice(head).toReversed(), half);
  const left = lines.length - head - tail;
  const notice = `(… ${left} lines left out here: the whole is longer than ${charactersMax} characters …)`;
  return [...lines.slice(0, head), notice, ...lines.slice(lines.length - tail)].join("\n");
}

/** How many of the first lines there is room for. */
function countFitting(lines: readonly string[], charactersMax: number): number {
  let room = charactersMax;
  for (const [index, each] of lines.entries()) {
    room -= each.length + 1;
    if (room < 0) return index;
  }
  return lines.length;
}
