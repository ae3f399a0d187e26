import type { Env } from "@offhook/server";
import { type Command, Option } from "commander";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { tell } from "../failure.ts";
import { withExamples } from "../options.ts";
import { aborted, untilStopped } from "../signals.ts";
import type { Terminal } from "../terminal.ts";
import type { Wiring } from "../wiring.ts";

export type StartOptions = { host?: string; port?: string; data?: string; role?: string };

/** `offhook start`. */
export function addStart(program: Command, { terminal, ended, interrupt }: Wiring): void {
  const command = program.command("start").description("run the server until Ctrl-C");
  withExamples(
    takesPlace(command).addOption(
      new Option("--role <roles>", "what it does among several: api, calls, delivery, with commas (all)").env(
        "OFFHOOK_ROLES",
      ),
    ),
    ["offhook start", "OFFHOOK_EGRESS_ALLOW=loopback offhook start --port 4700 --data /var/lib/offhook"],
    "The other settings are environment variables: OFFHOOK_API_KEY and more.",
  ).action(async (options: StartOptions) => ended(await start(terminal, options, interrupt)));
}

/** Adds `--host`, `--port` and `--data`. */
export function takesPlace(command: Command): Command {
  return command
    .addOption(new Option("--host <address>", "where to listen (127.0.0.1)").env("OFFHOOK_HOST"))
    .addOption(new Option("--port <port>", "which port, 0 for any free one (4600)").env("OFFHOOK_PORT"))
    .addOption(new Option("--data <folder>", "where everything is kept (./data)").env("OFFHOOK_DATA"));
}

/** Runs the server until Ctrl-C. */
async function start(terminal: Terminal, options: StartOptions, interrupt: () => void): Promise<ExitCode> {
  const stop = untilStopped(interrupt);
  const { readEnv } = await import("@offhook/server");
  const { openServer } = await import("../open-server.ts");
  const env = withOptions(readEnv(), options);
  const server = await openServer(env);
  if ("failure" in server) return tell(terminal, server);
  const { app } = server;
  for (const line of greeting(app, env)) terminal.print(line);
  await aborted(stop);
  terminal.note("Stopping: live calls are ended and reported.");
  await app.close();
  return exitCodes.done;
}

/** The environment, with what was said as an option. */
export function withOptions(env: Env, { host, port, data, role }: StartOptions): Env {
  return {
    ...env,
    ...(host === undefined ? {} : { OFFHOOK_HOST: host }),
    ...(port === undefined ? {} : { OFFHOOK_PORT: port }),
    ...(data === undefined ? {} : { OFFHOOK_DATA: data }),
    ...(role === undefined ? {} : { OFFHOOK_ROLES: role }),
  };
}

type Greeted = { url: string; signInUrl: string | null; newKey: string | null; recovered: number };

function greeting(app: Greeted, env: Env): string[] {
  const allowed = env.OFFHOOK_EGRESS_ALLOW?.trim() ?? "";
  return [
    `Offhook listens on ${app.url}`,
    ...(app.signInUrl === null ? [] : [`The page, signed in once: ${app.signInUrl}`]),
    ...(app.newKey === null ? [] : [`API key, shown this once: ${app.newKey}`]),
    ...(app.recovered === 0 ? [] : [`${app.recovered} calls of an earlier start were finished and reported`]),
    ...(allowed === "" ? [] : [`Server URLs may also lead to ${allowed} (OFFHOOK_EGRESS_ALLOW)`]),
  ];
}
