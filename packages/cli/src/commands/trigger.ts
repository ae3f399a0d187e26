import { type Format, formats, makeCallId, type TellType, tellTypes } from "@offhook/protocol";
import { Argument, type Command, Option } from "commander";
import { isAccepted, saw } from "../check/findings.ts";
import { type Came, ending } from "../ending.ts";
import { exitCodes } from "../exit-codes.ts";
import { address, objectArgument, takesJson, takesProof, withExamples } from "../options.ts";
import { makeUuid } from "../random.ts";
import { type Letter, letterOf, sampleLetter, sampleToolMessage } from "../sending/letter.ts";
import { post } from "../sending/signed.ts";
import type { Terminal } from "../terminal.ts";
import type { Wiring } from "../wiring.ts";

type TriggerOptions = {
  to: string;
  format: Format;
  tool: string;
  arguments: Record<string, unknown>;
  secret?: string;
  auth: "signature" | "header";
  json?: boolean;
};

type Triggered = TellType | "function-call";

/** The longest that a Server URL may be given, in ms. */
const timeoutMs = 60_000;

/** `offhook trigger`: one sample message to a receiver. */
export function addTrigger(program: Command, wiring: Wiring): void {
  const command = program
    .command("trigger")
    .description("send a receiver one sample message, without a server")
    .addArgument(new Argument("<type>", "what it tells of").choices([...tellTypes, "function-call"]))
    .option("--to <url>", "the Server URL", address, "http://127.0.0.1:3000/offhook")
    .addOption(new Option("--format <format>", "the payload format").choices(formats).default("2025-04"))
    .option("--tool <name>", "which tool a function-call asks", "findSlots")
    .option("--arguments <json>", "with which arguments", objectArgument, { day: "Monday" });
  withExamples(takesJson(takesProof(command)), [
    "offhook trigger end-of-call-report --secret whsec_…",
    `offhook trigger function-call --tool findSlots --arguments '{"day": "Monday"}' --to http://127.0.0.1:3000/offhook`,
  ]).action((type: Triggered, options: TriggerOptions) =>
    ending(wiring, trigger(wiring.terminal, type, options)),
  );
}

async function trigger(terminal: Terminal, type: Triggered, options: TriggerOptions): Promise<Came> {
  const { to: url, secret, auth } = options;
  const letter = letterFor(type, options);
  const answer = await post({ url, letter, proof: { secret, auth }, attempt: 1, timeoutMs });
  if (options.json === true) terminal.print(JSON.stringify({ request: letter, answer }, undefined, 2));
  else terminal.print(`${type} ${letter.id}: ${saw(answer)}, after ${answer.elapsedMs} ms`);
  return isAccepted(answer) ? undefined : exitCodes.failed;
}

function letterFor(type: Triggered, { format, tool, arguments: given }: TriggerOptions): Letter {
  const sample = { callId: makeCallId("chat", makeUuid()), format };
  if (type !== "function-call") return sampleLetter(type, sample);
  return letterOf(
    sampleToolMessage({ toolCallId: `tool_${makeUuid()}_1`, name: tool, arguments: given }, sample),
  );
}
