import type { Command } from "commander";
import { rehearse, type Rehearsed } from "../demo/rehearse.ts";
import { type DemoOptions, openStage, type Stage } from "../demo/stage.ts";
import { whatToTry } from "../demo/what-to-try.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { type Failure, tell } from "../failure.ts";
import { withExamples } from "../options.ts";
import { aborted, untilStopped } from "../signals.ts";
import { plain, type Terminal } from "../terminal.ts";
import type { Wiring } from "../wiring.ts";

/** `offhook demo`. */
export function addDemo(program: Command, { terminal, ended, interrupt }: Wiring): void {
  const command = program
    .command("demo")
    .description("run a server and a clinic, and let a patient call: needs a checkout")
    .option(
      "--json",
      "standard output holds one JSON line for each message that the clinic received, and no more",
    )
    .option("--stay", "keep both running afterwards, on port 4600 with ./data, until Ctrl-C");
  withExamples(
    command,
    ["offhook demo", "offhook demo --json | jq -r .body.message.type", "offhook demo --stay"],
    "Without --stay it ends with 1 unless the call ended with a booking and a report.",
  ).action(async (options: DemoOptions) => ended(await demo(terminal, options, interrupt)));
}

/** A clinic, a server and a patient: one call from ring to report. */
async function demo(terminal: Terminal, options: DemoOptions, interrupt: () => void): Promise<ExitCode> {
  const stop = untilStopped(interrupt);
  const say = options.json === true ? terminal.note : terminal.print;
  const stage = await openStage(terminal, options);
  if ("failure" in stage) return tell(terminal, stage);
  try {
    for (const line of opening(stage)) say(line);
    const rehearsed = await rehearse(stage, say, stop);
    const failure = failureIn(rehearsed);
    const exitCode = failure === undefined ? exitCodes.done : tell(terminal, failure);
    if ("failure" in rehearsed) return options.stay === true && stop.aborted ? exitCodes.done : exitCode;
    for (const line of closing(rehearsed)) say(line);
    if (options.stay !== true) return exitCode;
    for (const line of whatToTry(stage, rehearsed)) say(line);
    await aborted(stop);
    say("Stopping: live calls are ended and reported.");
    return exitCodes.done;
  } finally {
    await stage.close();
  }
}

function opening({ url, clinic, setting }: Stage): string[] {
  return [
    `A server listens on ${url}; the clinic's Server URL is ${clinic.url}.`,
    `OFFHOOK_EGRESS_ALLOW=${setting.env.OFFHOOK_EGRESS_ALLOW ?? ""}: in this demo, Server URLs may lead to this machine.`,
    "No keys and no language model: the assistant follows a script.",
    "",
  ];
}

function failureIn(rehearsed: Rehearsed | Failure): Failure | undefined {
  if ("failure" in rehearsed) return rehearsed;
  return "failure" in rehearsed.outcome ? rehearsed.outcome : undefined;
}

function closing({ outcome }: Rehearsed): string[] {
  if ("failure" in outcome) return [];
  return [
    "",
    `The call has ended (${outcome.endedReason}), and the clinic has received ${outcome.delivered} events of it, in order.`,
    `Summary: ${plain(outcome.summary)}`,
  ];
}
