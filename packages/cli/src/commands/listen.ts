import type { Command } from "commander";
import { type Came, ending } from "../ending.ts";
import { stateFolder } from "../environment.ts";
import { type ListenWish, listenTo } from "../listen/session.ts";
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
import { untilStopped } from "../signals.ts";
import type { Terminal } from "../terminal.ts";
import type { Wiring } from "../wiring.ts";

type ListenOptions = ServerOptions & ListenWish;

/** `offhook listen`: events and tool calls to this machine, over one connection that goes out. */
export function addListen(program: Command, wiring: Wiring): void {
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
  ).action((options: ListenOptions) => ending(wiring, run(wiring.terminal, options, wiring.interrupt)));
}

async function run(terminal: Terminal, options: ListenOptions, interrupt: () => void): Promise<Came> {
  const stop = untilStopped(interrupt);
  const client = clientOf(options, { failuresMax: 1 });
  if ("failure" in client) return client;
  return listenTo({ terminal, client, folder: stateFolder(), stop }, options);
}
