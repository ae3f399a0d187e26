import type { Client } from "@offhook/client";
import type { EndedReason } from "@offhook/protocol";
import type { Command } from "commander";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { type Failure, tell } from "../failure.ts";
import { clientOf, gather, type ServerOptions, takesServer, withExamples } from "../options.ts";
import { aborted, untilStopped } from "../signals.ts";
import { connectInput } from "../talk/connect-input.ts";
import { untilEnded } from "../talk/ended.ts";
import { hangUp, type LiveCall, placeCall } from "../talk/live-call.ts";
import { speak } from "../talk/speak.ts";
import { Transcript } from "../talk/transcript.ts";
import { plain, type Terminal } from "../terminal.ts";
import type { Wiring } from "../wiring.ts";

type CallOptions = ServerOptions & {
  file?: string;
  metadata?: string;
  var: readonly string[];
};

/** `offhook call`. */
export function addCall(program: Command, { terminal, ended, interrupt }: Wiring): void {
  const command = program
    .command("call")
    .description("talk with an assistant in the terminal")
    .argument("[assistant]", "its id, or its exact name");
  takesServer(command)
    .option("--file <assistant.json>", "call the assistant in this file instead; nothing is stored")
    .option("--metadata <json>", "an object that the call carries everywhere")
    .option("--var <name=value>", "a {{variable}} of the assistant's texts; may be repeated", gather, []);
  withExamples(
    command,
    [
      "offhook call Reception",
      "offhook call --file assistant.json --var name=Ada",
      "printf 'Good morning\\nTuesday, please\\n' | offhook call Reception",
    ],
    "What is typed is said at once. What is piped in is said line by line, each when\nthe turn before it has ended. The end of the input, or Ctrl-C, hangs up.",
  ).action(async (who: string | undefined, options: CallOptions) =>
    ended(await call(terminal, { who, options }, interrupt)),
  );
}

/** Talks with an assistant in the terminal. */
async function call(
  terminal: Terminal,
  given: { who: string | undefined; options: CallOptions },
  interrupt: () => void,
): Promise<ExitCode> {
  const ended = await talk(terminal, given, untilStopped(interrupt));
  return "failure" in ended ? tell(terminal, ended) : ended.exitCode;
}

type Given = { who: string | undefined; options: CallOptions };

async function talk(
  terminal: Terminal,
  given: Given,
  stop: AbortSignal,
): Promise<{ exitCode: ExitCode } | Failure> {
  const client = clientOf(given.options);
  if ("failure" in client) return client;
  const body = await connectInput(client, given.who, given.options);
  if ("failure" in body) return body;
  const { isTyped } = terminal;
  const labels = { user: "You: ", assistant: "Assistant: " };
  const transcript = new Transcript(terminal, { showUser: !isTyped, stream: true, labels });
  const placed = await placeCall(client, body, transcript);
  if ("failure" in placed) return placed;
  if (isTyped) terminal.note("Type what you say; Ctrl-D or Ctrl-C hangs up.");
  const said = await converse(terminal, { client, placed, stop });
  await hangUp(client, placed);
  return typeof said === "string" ? tellEnd(terminal, client, placed.id) : said;
}

type Conversation = { client: Client; placed: LiveCall; stop: AbortSignal };

/** Until there is nothing more to say, or the call is over. */
async function converse(
  terminal: Terminal,
  { client, placed, stop }: Conversation,
): Promise<"said" | "over" | Failure> {
  const over = new AbortController();
  void placed.over.then(() => over.abort());
  const signal = AbortSignal.any([stop, over.signal]);
  const lines = terminal.lines(signal);
  if (terminal.isTyped) return type(placed, lines);
  const speaking = speak({ client, callId: placed.id, lines, signal });
  return Promise.race([speaking, aborted(signal).then(() => "over" as const)]);
}

/** A person may break in: what is typed is said at once. */
async function type(placed: LiveCall, lines: AsyncIterable<string>): Promise<"said"> {
  for await (const line of lines) if (line.trim() !== "") placed.say(line.trim());
  return "said";
}

async function tellEnd(
  terminal: Terminal,
  client: Client,
  callId: string,
): Promise<{ exitCode: ExitCode } | Failure> {
  const ended = await untilEnded(client, callId);
  if ("failure" in ended) return ended;
  const { endedReason, analysis } = ended;
  terminal.note(`The call has ended: ${endedReason ?? "no reason is known"}.`);
  if (analysis === undefined) terminal.note(`Its analysis is not there yet; the call is ${callId}.`);
  if (analysis?.summary !== undefined) terminal.print(`Summary: ${plain(analysis.summary)}`);
  return {
    exitCode: endedReason === null || broken.has(endedReason) ? exitCodes.failed : exitCodes.done,
  };
}

/** Ends that nobody wanted. */
const broken: ReadonlySet<EndedReason> = new Set([
  "busy",
  "channel-lost",
  "model-failed",
  "no-answer",
  "rejected-over-capacity",
  "server-lost",
  "server-stopped",
]);
