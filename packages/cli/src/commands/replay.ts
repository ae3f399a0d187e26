import type { Client } from "@offhook/client";
import type { Command } from "commander";
import { isAccepted, saw } from "../check/findings.ts";
import { type Came, ending } from "../ending.ts";
import { exitCodes } from "../exit-codes.ts";
import { type Failure, failureOf, misuse } from "../failure.ts";
import { objectOf, parseJson } from "../json.ts";
import { HeardCalls } from "../listen/heard-calls.ts";
import {
  address,
  clientOf,
  type ServerOptions,
  takesJson,
  takesProof,
  takesServer,
  withExamples,
} from "../options.ts";
import { makeUuid } from "../random.ts";
import type { Letter } from "../sending/letter.ts";
import { recordedLetters, renamed } from "../sending/recorded.ts";
import { post } from "../sending/signed.ts";
import { bar, type Terminal } from "../terminal.ts";
import type { Wiring } from "../wiring.ts";

type ReplayOptions = ServerOptions & {
  call?: string;
  to: string;
  fresh?: boolean;
  secret?: string;
  auth: "signature" | "header";
  json?: boolean;
};

/** The longest that a Server URL may be given, in ms. */
const timeoutMs = 60_000;

/** `offhook replay`: what was recorded, or a call of the server, once more. */
export function addReplay(program: Command, wiring: Wiring): void {
  const command = program
    .command("replay")
    .description("send a receiver once more what was recorded, or the events of a call")
    .argument("[file]", "what `offhook listen --record` wrote")
    .option("--call <id>", "the events of this call of the server instead")
    .requiredOption("--to <url>", "the Server URL", address)
    .option("--fresh", "under new ids, so that a receiver that knows them handles them again");
  withExamples(
    takesJson(takesProof(takesServer(command)), "one line of JSON for each message"),
    [
      "offhook replay today.jsonl --to http://127.0.0.1:3000/offhook --fresh",
      "offhook replay --call TC-… --to http://127.0.0.1:3000/offhook --secret whsec_…",
    ],
    "They are sent in order, each when the one before it was answered, and each once.\nIt ends with 1 when one of them was not accepted.",
  ).action((file: string | undefined, options: ReplayOptions) =>
    ending(wiring, replay(wiring.terminal, file, options)),
  );
}

async function replay(terminal: Terminal, file: string | undefined, options: ReplayOptions): Promise<Came> {
  const found = await lettersFor(file, options);
  if ("failure" in found) return found;
  const { to: url, secret, auth, fresh = false } = options;
  let refused = 0;
  for (const [index, letter] of found.letters.entries()) {
    terminal.progress(bar(index, found.letters.length, letter.id));
    const sent = fresh ? renamed(letter, makeUuid().slice(0, 8)) : letter;
    const answer = await post({ url, letter: sent, proof: { secret, auth }, attempt: 1, timeoutMs });
    if (!isAccepted(answer)) refused += 1;
    const shown = `${typeOf(sent)} ${sent.id}: ${saw(answer)}, after ${answer.elapsedMs} ms`;
    terminal.print(options.json === true ? JSON.stringify({ request: sent, answer }) : shown);
  }
  terminal.progress(undefined);
  if (found.letters.length === 0) return { failure: "There is nothing to send." };
  return refused === 0 ? undefined : exitCodes.failed;
}

function typeOf({ body }: Letter): string {
  const { type } = objectOf(objectOf(parseJson(body))["message"]);
  return typeof type === "string" ? type : "message";
}

async function lettersFor(
  file: string | undefined,
  options: ReplayOptions,
): Promise<{ letters: Letter[] } | Failure> {
  const { call } = options;
  if ((file === undefined) === (call === undefined))
    return misuse("What is to be sent? Name a file, or a call with --call.");
  if (file !== undefined) return recordedLetters(file);
  const client = clientOf(options);
  return "failure" in client ? client : lettersOfCall(client, call ?? "");
}

const pageMax = 500;

async function lettersOfCall(client: Client, callId: string): Promise<{ letters: Letter[] } | Failure> {
  const calls = new HeardCalls(client, "all");
  const letters: Letter[] = [];
  for (let after = 0; ;) {
    const page = await client.calls.events(callId, { after, limit: pageMax });
    if (!page.ok) return failureOf(page.problem);
    for (const event of page.value.data) {
      const told = await calls.told(event);
      if (told !== undefined && "failure" in told) return told;
      if (told !== undefined) letters.push(told.letter);
    }
    if (!page.value.more) return { letters };
    after = page.value.next;
  }
}
