import type { Command } from "commander";
import { groups } from "../check/case.ts";
import { allCases } from "../check/cases.ts";
import { defaultCheckLimits } from "../check/probe.ts";
import { reportJson, reportLines, tallyOf } from "../check/report.ts";
import { runCases } from "../check/run.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { misuse, tell } from "../failure.ts";
import { address, gather, objectArgument, takesJson, takesProof, withExamples } from "../options.ts";
import { exchange } from "../sending/exchange.ts";
import { untilStopped } from "../signals.ts";
import { bar, type Terminal } from "../terminal.ts";
import type { Wiring } from "../wiring.ts";

type CheckOptions = {
  secret?: string;
  auth: "signature" | "header";
  tool?: string;
  arguments: Record<string, unknown>;
  only: readonly string[];
  list?: boolean;
  json?: boolean;
};

/** `offhook check`: whether a receiver does what a Server URL must. */
export function addCheck(program: Command, { terminal, ended, interrupt }: Wiring): void {
  const command = program
    .command("check")
    .description("ask a receiver, in any language, everything that a Server URL must do")
    .argument("[url]", "the Server URL", address);
  takesProof(command)
    .option("--tool <name>", "a tool of it, to be really called several times")
    .option("--arguments <json>", "what that tool takes", objectArgument, {})
    .option("--only <name>", "only this case or group; may be repeated", gather, [])
    .option("--list", "only say what would be asked");
  withExamples(
    takesJson(command, "the report as JSON"),
    [
      "offhook check http://127.0.0.1:3000/offhook --secret whsec_…",
      `offhook check https://example.org/hook --secret whsec_… --tool findSlots --arguments '{"day": "Monday"}'`,
      "offhook check http://127.0.0.1:3000/offhook --only signature --json",
    ],
    "The receiver is told of invented calls, and the tool is really called: use one that is for trials.\nIt ends with 1 when a case failed.",
  ).action(async (url: string | undefined, options: CheckOptions) =>
    ended(await check(terminal, { url, options }, interrupt)),
  );
}

type Given = { url: string | undefined; options: CheckOptions };

async function check(terminal: Terminal, { url, options }: Given, interrupt: () => void): Promise<ExitCode> {
  const chosen = chosenCases(options.only);
  if (chosen.length === 0) return tell(terminal, misuse(noneOf(options.only)));
  if (options.list === true) return list(terminal, chosen, options.json === true);
  if (url === undefined)
    return tell(terminal, misuse("Which receiver? Name its address, such as http://127.0.0.1:3000/offhook."));
  const missing = await unreachable(url);
  if (missing !== undefined) return tell(terminal, { failure: missing });
  const judged = await runCases(
    chosen,
    {
      url,
      proof: { secret: options.secret, auth: options.auth },
      tool: options.tool === undefined ? undefined : { name: options.tool, arguments: options.arguments },
      limits: defaultCheckLimits,
      signal: untilStopped(interrupt),
    },
    (done, name) => terminal.progress(bar(done, chosen.length, name)),
  );
  terminal.progress(undefined);
  if (options.json === true) terminal.print(JSON.stringify(reportJson(url, judged), undefined, 2));
  else for (const line of reportLines(judged, terminal.style)) terminal.print(line);
  if (judged.length < chosen.length) return exitCodes.interrupted;
  return tallyOf(judged).failed === 0 ? exitCodes.done : exitCodes.failed;
}

function chosenCases(only: readonly string[]) {
  return only.length === 0
    ? allCases
    : allCases.filter(({ name, group }) => only.includes(name) || only.includes(group));
}

function noneOf(only: readonly string[]): string {
  return `There is no case or group called ${only.join(" or ")}. The groups are ${groups.join(", ")}; --list names the cases.`;
}

function list(terminal: Terminal, chosen: typeof allCases, json: boolean): ExitCode {
  const shown = chosen.map(({ name, group, needs, expects }) => ({ name, group, needs, expects }));
  if (json) terminal.print(JSON.stringify(shown, undefined, 2));
  else for (const { name, expects } of shown) terminal.print(`${name.padEnd(28)} ${expects}`);
  return exitCodes.done;
}

/** How long a receiver may take to be found at all. */
const reachMaxMs = 10_000;

/** Why nobody can be asked there; `undefined` when somebody answers. */
async function unreachable(url: string): Promise<string | undefined> {
  const answer = await exchange({ url, method: "GET", headers: {}, body: "", timeoutMs: reachMaxMs });
  if (answer.kind === "answered") return undefined;
  return `${url} cannot be reached: ${answer.detail}. Is the receiver running? \`offhook doctor\` looks closer.`;
}
