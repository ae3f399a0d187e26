import { readFileSync } from "node:fs";
import { Command, Option } from "commander";
import { call, type CallOptions } from "./commands/call.ts";
import { demo } from "./commands/demo.ts";
import { start, type StartOptions } from "./commands/start.ts";
import type { DemoOptions } from "./demo/stage.ts";
import { type ExitCode, exitCodesHelp } from "./exit-codes.ts";
import type { Terminal } from "./terminal.ts";

export type Wiring = {
  terminal: Terminal;
  /** Told with what the command ends. */
  ended: (exitCode: ExitCode) => void;
  /** Ends the process at once. */
  interrupt: () => void;
};

/** The commands, as they are typed. */
export function makeProgram(wiring: Wiring): Command {
  const { terminal } = wiring;
  const program = new Command("offhook")
    .description("A call server for AI conversations, and what goes with it.")
    .version(readVersion(), "-V, --version", "say the version")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.write(text),
      writeErr: (text) => terminal.note(text.trimEnd()),
    })
    .showHelpAfterError("`offhook --help` and `offhook <command> --help` say what there is.")
    .addHelpText("after", exitCodesHelp);
  addStart(program, wiring);
  addCall(program, wiring);
  addDemo(program, wiring);
  return program;
}

function addStart(program: Command, { terminal, ended, interrupt }: Wiring): void {
  program
    .command("start")
    .description("run the server until Ctrl-C")
    .addOption(new Option("--host <address>", "where to listen (127.0.0.1)").env("OFFHOOK_HOST"))
    .addOption(new Option("--port <port>", "which port, 0 for any free one (4600)").env("OFFHOOK_PORT"))
    .addOption(new Option("--data <folder>", "where everything is kept (./data)").env("OFFHOOK_DATA"))
    .addHelpText(
      "after",
      `\nThe other settings are environment variables: OFFHOOK_API_KEY and more.\n${exitCodesHelp}`,
    )
    .action(async (options: StartOptions) => ended(await start(terminal, options, interrupt)));
}

function addCall(program: Command, { terminal, ended, interrupt }: Wiring): void {
  program
    .command("call")
    .description("talk with an assistant in the terminal")
    .argument("[assistant]", "its id, or its exact name")
    .option("--url <url>", "where the server is", "http://127.0.0.1:4600")
    .addOption(new Option("--key <key>", "an API key of it").env("OFFHOOK_API_KEY"))
    .option("--file <assistant.json>", "call the assistant in this file instead; nothing is stored")
    .option("--metadata <json>", "an object that the call carries everywhere")
    .option("--var <name=value>", "a {{variable}} of the assistant's texts; may be repeated", gather, [])
    .addHelpText(
      "after",
      `\nWhat is typed is said at once. What is piped in is said line by line, each when\nthe turn before it has ended. The end of the input, or Ctrl-C, hangs up.\n${exitCodesHelp}`,
    )
    .action(async (who: string | undefined, options: CallOptions) =>
      ended(await call(terminal, { who, options }, interrupt)),
    );
}

function gather(value: string, before: readonly string[]): string[] {
  return [...before, value];
}

function addDemo(program: Command, { terminal, ended, interrupt }: Wiring): void {
  program
    .command("demo")
    .description("run a server and a clinic, and let a patient call: needs a checkout")
    .option(
      "--json",
      "standard output holds one JSON line for each message that the clinic received, and no more",
    )
    .option("--stay", "keep both running afterwards, on port 4600 with ./data, until Ctrl-C")
    .addHelpText(
      "after",
      `\nWithout --stay it ends with 1 unless the call ended with a booking and a report.\n${exitCodesHelp}`,
    )
    .action(async (options: DemoOptions) => ended(await demo(terminal, options, interrupt)));
}

function readVersion(): string {
  const manifest = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return /"version": "([^"]+)"/u.exec(manifest)?.[1] ?? "unknown";
}
