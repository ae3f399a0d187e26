import type { CallEvent, Exchange, Received } from "@offhook/server-url";

/** What was received and answered, in one line for people. */
export function toLine(exchange: Exchange): string {
  const time = new Date(exchange.at).toISOString().slice(11, 19);
  const { status, body } = exchange.answered;
  const outcome = status === 200 ? "" : `  → ${status} ${cut(body)}`;
  const attempt = Number(exchange.headers["offhook-attempt"] ?? 1);
  const again = attempt > 1 ? `  (attempt ${attempt})` : "";
  const line = `${time}  ${describe(exchange.received, body)}${again}${outcome}`;
  // What somebody says must not steer the terminal.
  return line.replaceAll(/\p{Cc}/gu, "·");
}

/** The same for programs: one line of JSON. */
export function toJsonLine({ at, path, headers, body, answered }: Exchange): string {
  const shown = { status: answered.status, body: parsed(answered.body) };
  return JSON.stringify({ at, path, headers, body: body === null ? null : parsed(body), answered: shown });
}

function describe(received: Received | null, answer: string): string {
  if (received === null) return "refused";
  switch (received.kind) {
    case "other":
      return `${received.family}  ${received.type}`;
    case "tool-request":
      return received.calls
        .map((call) => `${call.name} ${cut(JSON.stringify(call.arguments))} → ${cut(outcomeOf(answer))}`)
        .join("; ");
    case "assistant-request":
      return `who answers? → ${cut(answer)}`;
    case "event": {
      const missed = received.missed.length === 0 ? "" : `  (missed: ${received.missed.join(", ")})`;
      return `#${received.sequence ?? "–"} ${received.type}  ${what(received)}${missed}`;
    }
  }
}

function what(event: CallEvent): string {
  switch (event.type) {
    case "status-update":
      return event.call.endedReason === null ? event.status : `${event.status} (${event.call.endedReason})`;
    case "conversation-update": {
      const last = event.messages.at(-1);
      if (last === undefined) return "nothing said yet";
      return `${last.role === "user" ? "patient" : "clinic"}: ${cut(JSON.stringify(last.text))}`;
    }
    case "hang":
      return `silence for ${seconds(event.hang.elapsedMs)}, waiting for ${event.hang.toolName ?? `the ${event.hang.phase ?? "reply"}`}`;
    case "hang-recovered":
      return `the reply came after ${seconds(event.hang.elapsedMs)}`;
    case "error":
      return `${event.error.type ?? "error"}: ${cut(JSON.stringify(event.error.message))}`;
    case "end-of-call-report":
    case "analysis-updated":
      return `${event.analysis.successEvaluation ?? "not judged"}: ${cut(JSON.stringify(event.analysis.summary ?? "no summary"))}`;
  }
}

/** What a tool answered: its result, or what it could not do. */
function outcomeOf(answer: string): string {
  const given = parsed(answer);
  if (typeof given !== "object" || given === null) return answer;
  if ("result" in given && typeof given.result === "string") return given.result;
  return "error" in given && typeof given.error === "string" ? `refused: ${given.error}` : answer;
}

function seconds(ms: number | null): string {
  return ms === null ? "some time" : `${(ms / 1_000).toFixed(1)} s`;
}

const shownMax = 160;

function cut(text: string): string {
  return text.length <= shownMax ? text : `${text.slice(0, shownMax)}…`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
