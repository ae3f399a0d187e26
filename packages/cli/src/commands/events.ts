import type { Client } from "@offhook/client";
import type { EventView } from "@offhook/protocol";
import type { Command } from "commander";
import { type Came, withServer } from "../ending.ts";
import { failureOf } from "../failure.ts";
import { lastCursor } from "../listen/last-cursor.ts";
import { numberFrom, type ServerOptions, takesJson, takesServer, withExamples } from "../options.ts";
import { untilStopped } from "../signals.ts";
import { timeOf } from "../table.ts";
import { plain, type Terminal } from "../terminal.ts";
import type { Wiring } from "../wiring.ts";

type EventsOptions = ServerOptions & {
  call?: string;
  follow?: boolean;
  after?: number;
  limit: number;
  json?: boolean;
};

/** `offhook events`: what happened, and what happens. */
export function addEvents(program: Command, wiring: Wiring): void {
  const command = program
    .command("events")
    .description("show what happened in all calls, or in one")
    .option("--call <id>", "only in this call")
    .option("--follow", "go on with what happens, until Ctrl-C")
    .option("--after <cursor>", "what came after this one", numberFrom(0, Number.MAX_SAFE_INTEGER))
    .option("--limit <count>", "so many at most, the latest if --after is not there", numberFrom(1, 500), 50);
  withExamples(takesJson(takesServer(command), "one line of JSON for each event"), [
    "offhook events --follow",
    "offhook events --call TC-… --json | jq .type",
    "offhook events --after 1200 --limit 500",
  ]).action((options: EventsOptions) =>
    withServer(wiring, options, (client) => show(client, options, wiring)),
  );
}

async function show(client: Client, options: EventsOptions, { terminal, interrupt }: Wiring): Promise<Came> {
  const after = options.after ?? (await startOf(client, options));
  if (typeof after !== "number") return after;
  const stop = options.follow === true ? untilStopped(interrupt) : undefined;
  const { call, limit } = options;
  const page =
    call === undefined
      ? await client.events.list({ after, limit })
      : await client.calls.events(call, { after, limit });
  if (!page.ok) return failureOf(page.problem);
  for (const event of page.value.data) terminal.print(lineOf(event, options));
  if (stop === undefined) return undefined;
  return follow(terminal, { client, options, after: page.value.next, stop });
}

/** Where the latest begin. */
async function startOf(client: Client, { call, limit }: EventsOptions) {
  if (call !== undefined) return 0;
  const last = await lastCursor(client);
  return typeof last === "number" ? Math.max(0, last - limit) : last;
}

type Following = { client: Client; options: EventsOptions; after: number; stop: AbortSignal };

async function follow(
  terminal: Terminal,
  { client, options, after, stop: signal }: Following,
): Promise<Came> {
  const events =
    options.call === undefined
      ? client.events.follow({ after, signal })
      : client.calls.follow(options.call, { after, signal });
  for await (const event of events) {
    if (!event.ok) return failureOf(event.problem);
    terminal.print(lineOf(event.value, options));
  }
  return undefined;
}

function lineOf(event: EventView, { json = false }: EventsOptions): string {
  if (json) return JSON.stringify(event);
  const { cursor, at, callId, type, told } = event;
  const toldAs = told === null ? "" : `#${told.sequence}`;
  return [
    String(cursor).padStart(6),
    timeOf(at),
    callId.slice(0, 11),
    toldAs.padEnd(4),
    type.padEnd(18),
    detailOf(event),
  ]
    .join("  ")
    .trimEnd();
}

/** What an event is about, in a few words. */
function detailOf({ data }: EventView): string {
  switch (data.type) {
    case "status-changed":
      return data.endedReason === undefined ? data.status : `${data.status} (${data.endedReason})`;
    case "message-added":
      return `${data.message.role}: ${plain(data.message.text).replaceAll("\n", " ")}`;
    case "tool-requested":
      return `${data.name} ${JSON.stringify(data.arguments)}`;
    case "tool-answered":
      return `${data.name} ${data.outcome.kind === "error" ? `failed: ${plain(data.outcome.error)}` : data.outcome.understoodAs}`;
    case "turn-ended":
      return data.outcome;
    case "hang":
      return `waits for the ${data.hang.phase}`;
    case "error":
      return `${data.error.code}: ${plain(data.error.message)}`;
    default:
      return "";
  }
}
