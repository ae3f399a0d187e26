import { readFileSync } from "node:fs";
import { Command } from "commander";
import { addAssistants } from "./commands/assistants.ts";
import { addCall } from "./commands/call.ts";
import { addCalls } from "./commands/calls.ts";
import { addCheck } from "./commands/check.ts";
import { addCompletion } from "./commands/completion.ts";
import { addDeliveries } from "./commands/deliveries.ts";
import { addDemo } from "./commands/demo.ts";
import { addDev } from "./commands/dev.ts";
import { addDoctor } from "./commands/doctor.ts";
import { addEvents } from "./commands/events.ts";
import { addInit } from "./commands/init.ts";
import { addKeys } from "./commands/keys.ts";
import { addListen } from "./commands/listen.ts";
import { addPush } from "./commands/push.ts";
import { addRedeliver } from "./commands/redeliver.ts";
import { addReplay } from "./commands/replay.ts";
import { addSecret } from "./commands/secret.ts";
import { addStart } from "./commands/start.ts";
import { addStore } from "./commands/store.ts";
import { addTools } from "./commands/tools.ts";
import { addTrigger } from "./commands/trigger.ts";
import { exitCodesHelp } from "./exit-codes.ts";
import type { Wiring } from "./wiring.ts";

/** In the order in which they are shown. */
const groups = {
  "The server": [addStart, addDev, addDemo, addCall],
  "Your Server URL": [addInit, addListen, addCheck, addDoctor, addTrigger, addReplay],
  "What happened": [addEvents, addDeliveries, addRedeliver, addCalls],
  "What is kept": [addAssistants, addTools, addPush, addSecret, addKeys, addStore],
  "The rest": [addCompletion],
} as const;

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
  for (const [heading, commands] of Object.entries(groups)) {
    program.commandsGroup(`${heading}:`);
    for (const add of commands) add(program, wiring);
  }
  return program;
}

function readVersion(): string {
  const manifest = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return /"version": "([^"]+)"/u.exec(manifest)?.[1] ?? "unknown";
}
