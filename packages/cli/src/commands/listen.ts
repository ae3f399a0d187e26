import type { Client } from "@offhook/client";
import type { Listened } from "@offhook/protocol";
import type { Command } from "commander";
import { stateFolder } from "../environment.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { type Failure, misuse, tell } from "../failure.ts";
import { cursorFile, type CursorFile, type Kept } from "../listen/cursor-file.ts";
import { lastCursor } from "../listen/last-cursor.ts";
import { listen } from "../listen/listener.ts";
import type { Application, Passed } from "../listen/local-application.ts";
import { passedLine, passedRecord, recorder } from "../listen/shown.ts";
import {
  address,
  clientOf,
  gather,
  type ServerOptions,
  takesJson,
  takesProof,
  takesServer,
  withExamples,
} from "../options.ts";
import { makeSecret } from "../random.ts";
import { untilStopped } from "../signals.ts";
import { findAssistant } from "../talk/find-assistant.ts";
import type { Terminal } from "../terminal.ts";
import type { Wiring } from "../wiring.ts";

type ListenOptions = ServerOptions & {
  forwardTo: string;
  assistant: readonly string[];
  all?: boolean;
  from?: string;
  record?: string;
  secret?: string;
  auth: "signature" | "header";
  json?: boolean;
};

/** An event is waited for so long, as at a Server URL; a tool call for as long as the server says, but no longer. */
const timeoutMs = 60_000;

/** `offhook listen`: events and tool calls to this machine, over one connection that goes out. */
export function addListen(program: Command, { terminal, ended, interrupt }: Wiring): void {
  const command = program
    .command("listen")
    .description("bring events and tool calls to an application on this machine, without a tunnel")
    .requiredOption("--forward-to <url>", "the application's Server URL", address)
    .option("--assistant <assistant>", "only of this one, by id or name; may be repeated", gather, [])
    .option("--all", "of all assistants: what is meant if nothing is said, at a server on this machine")
    .option("--from <where>", "where to begin: now, start, or a cursor (where the last one ended, else now)")
    .option(
      "--record <file>",
      "write each message with its answer to the end of a file, for `offhook replay`",
    );
  takesProof(takesServer(command));
  withExamples(
    takesJson(command, "one line of JSON for each message"),
    [
      "offhook listen --forward-to http://127.0.0.1:3000/offhook",
      "offhook listen --forward-to http://127.0.0.1:3000/offhook --assistant Reception --record today.jsonl",
      "offhook listen --forward-to http://127.0.0.1:3000/offhook --url https://offhook.example.org --assistant asst-1",
    ],
    "Tool calls of these assistants come here for as long as it runs, instead of to their Server URL.\nEvents come here as well as there. After a restart, sleep or a cut it goes on where it was:\nnothing is missed, and what had been answered does not come again. Ctrl-C ends it.",
  ).action(async (options: ListenOptions) => ended(await run(terminal, options, interrupt)));
}

async function run(terminal: Terminal, options: ListenOptions, interrupt: () => void): Promise<ExitCode> {
  const stop = untilStopped(interrupt);
  const client = clientOf(options, { failuresMax: 1 });
  if ("failure" in client) return tell(terminal, client);
  const listened = await listenedOf(client, options);
  if (typeof listened === "object" && "failure" in listened) return tell(terminal, listened);
  const file = cursorFile(stateFolder(), { url: options.url, forwardTo: options.forwardTo });
  const kept = await keptOf(client, file, options);
  if ("failure" in kept) return tell(terminal, kept);
  file.write(kept);
  for (const line of greeting(options, { listened, kept })) terminal.note(line);
  const application = applicationOf(terminal, options, kept.secret);
  const parts = { client, listened, application, file, note: terminal.note };
  const failure = await listen(parts, kept, stop);
  if (failure === undefined) return exitCodes.done;
  return tell(terminal, {
    failure: `${failure.failure}\nIf the cursor is the trouble: --from now, or --from start. It is kept in ${file.path}.`,
  });
}

async function listenedOf(
  client: Client,
  { assistant, all, url }: ListenOptions,
): Promise<Listened | Failure> {
  if (assistant.length === 0) {
    if (all === true || isHere(url)) return "all";
    return misuse(
      `Which assistants? Their tool calls will come to this machine: name them with --assistant, or say --all.`,
    );
  }
  const ids: string[] = [];
  for (const who of assistant) {
    const found = await findAssistant(client, who);
    if ("failure" in found) return found;
    ids.push(found.id);
  }
  return ids;
}

/** Whether a server is on this machine: then it is nobody else's. */
function isHere(url: string): boolean {
  return ["127.0.0.1", "localhost", "[::1]"].includes(URL.parse(url)?.hostname ?? "");
}

async function keptOf(client: Client, file: CursorFile, { from }: ListenOptions): Promise<Kept | Failure> {
  const before = file.read();
  const secret = before?.secret ?? makeSecret();
  if (from === undefined && before !== undefined) return { ...before, secret };
  if (from === "start") return { cursor: 0, secret };
  if (from !== undefined && from !== "now") {
    return /^\d{1,15}$/u.test(from)
      ? { cursor: Number(from), secret }
      : misuse(`--from is “${from}”: it must be now, start, or a cursor, which is a number.`);
  }
  const cursor = await lastCursor(client);
  return typeof cursor === "number" ? { cursor, secret } : cursor;
}

function greeting(options: ListenOptions, { listened, kept }: { listened: Listened; kept: Kept }): string[] {
  const whom = listened === "all" ? "all assistants" : listened.join(", ");
  return [
    `Listening to ${whom} at ${options.url}, from event ${kept.cursor} on; forwarding to ${options.forwardTo}.`,
    ...(options.secret === undefined
      ? [`Signed with ${kept.secret}: give it to the application as its secret, or give its own as --secret.`]
      : []),
  ];
}

function applicationOf(terminal: Terminal, options: ListenOptions, made: string): Application {
  const { forwardTo, secret = made, auth, json = false } = options;
  const record = recorder(options.record);
  const show = (passed: Passed): void =>
    terminal.print(json ? JSON.stringify(passedRecord(passed)) : passedLine(passed, terminal.style));
  return {
    forwardTo,
    proof: { secret, auth },
    timeoutMs,
    onPassed(passed) {
      show(passed);
      record(passed);
    },
  };
}
