import { join } from "node:path";
import { type Client, offhook } from "@offhook/client";
import type { Env } from "@offhook/server";
import type { Command } from "commander";
import { poll } from "../clock.ts";
import { settingOf } from "../demo/setting.ts";
import { keepRunning } from "../dev/kept-running.ts";
import { type Came, ending } from "../ending.ts";
import type { Failure } from "../failure.ts";
import { listenTo, type ListenWish } from "../listen/session.ts";
import { address, takesJson, takesProof, withExamples } from "../options.ts";
import { makeSecret } from "../random.ts";
import { apply } from "../resources/shelf-commands.ts";
import { exchange } from "../sending/exchange.ts";
import { aborted, untilStopped } from "../signals.ts";
import { plain, type Terminal } from "../terminal.ts";
import type { Wiring } from "../wiring.ts";
import { assistantsKind } from "./assistants.ts";
import { type StartOptions, takesPlace, withOptions } from "./start.ts";

type DevOptions = StartOptions &
  Pick<ListenWish, "forwardTo" | "record" | "secret" | "auth" | "json"> & { file?: string };

/** `offhook dev`: all that one wants while one writes an application. */
export function addDev(program: Command, wiring: Wiring): void {
  const command = program
    .command("dev")
    .description("run a server, keep an application running, and show what goes between them")
    .argument("[command...]", "the application, after --: started, and started again when it ends")
    .option("--forward-to <url>", "the application's Server URL", address, "http://127.0.0.1:3000/offhook")
    .option("-f, --file <file>", "assistants to make or change first, in YAML or JSON")
    .option("--record <file>", "write each message with its answer to the end of a file");
  withExamples(
    takesJson(takesProof(takesPlace(command)), "one line of JSON for each message"),
    [
      "offhook dev -f assistant.yaml -- node --watch main.js",
      "offhook dev --forward-to http://127.0.0.1:8000/hook --secret whsec_…",
    ],
    "The application is given SERVER_URL_SECRET, OFFHOOK_URL and OFFHOOK_API_KEY. Messages are\nforwarded as `offhook listen` does, once it answers. Ctrl-C ends all: calls first, the application last.",
  ).action((words: string[], options: DevOptions) => ending(wiring, dev(wiring, words, options)));
}

/** A server that runs, and what is needed to be its client. */
type Running = { client: Client; url: string; apiKey: string; folder: string; close(): Promise<void> };

async function dev({ terminal, interrupt }: Wiring, words: string[], options: DevOptions): Promise<Came> {
  const stop = untilStopped(interrupt);
  const server = await runServer(terminal, options);
  if ("failure" in server) return server;
  const secret = options.secret ?? (words.length > 0 ? makeSecret() : undefined);
  const leaving = new AbortController();
  const parts = { terminal, server, stop, leaving: leaving.signal };
  const known = { ...options, ...(secret === undefined ? {} : { secret }) };
  const work = forward(parts, { ...known, url: server.url, assistant: [], all: true });
  const application = runApplication(parts, words, known);
  let came: Came;
  try {
    came = await Promise.race([aborted(stop).then(() => undefined), application, work]);
    if (stop.aborted) terminal.note("Stopping: live calls are ended and reported.");
  } finally {
    // The calls first, while the application still hears how they end.
    await server.close();
    if (stop.aborted) await work;
    leaving.abort();
  }
  const [left] = await Promise.all([application, work]);
  return came ?? left;
}

async function runApplication(
  { terminal, server, leaving }: Parts,
  command: string[],
  { secret = "", json }: DevOptions,
): Promise<Failure | undefined> {
  if (command.length === 0) return aborted(leaving).then(() => undefined);
  const { url, apiKey } = server;
  const env = { OFFHOOK_URL: url, OFFHOOK_API_KEY: apiKey, SERVER_URL_SECRET: secret };
  const say = json === true ? terminal.note : terminal.print;
  const said = (line: string): void => say(`   app │ ${plain(line)}`);
  return keepRunning({ command, env, said, noted: terminal.note }, leaving);
}

async function runServer(terminal: Terminal, options: DevOptions): Promise<Running | Failure> {
  const [{ readEnv }, { openServer }] = await Promise.all([
    import("@offhook/server"),
    import("../open-server.ts"),
  ]);
  const given: Env = withOptions(readEnv(), options);
  const { env, apiKey, isOwnKey, folder } = settingOf(given, true);
  const server = await openServer(env);
  if ("failure" in server) return server;
  const { url, signInUrl } = server.app;
  terminal.note(`Offhook listens on ${url}; what is kept is in ${folder}.`);
  if (signInUrl !== null) terminal.note(`The page, signed in once: ${signInUrl}`);
  const key = isOwnKey ? "" : `OFFHOOK_API_KEY=${apiKey} `;
  terminal.note(`To talk, in another terminal: ${key}npx offhook call <assistant> --url ${url}`);
  const client = offhook({ url, apiKey, limits: { failuresMax: 1 } });
  return { client, url, apiKey, folder, close: () => server.app.close() };
}

type Parts = { terminal: Terminal; server: Running; stop: AbortSignal; leaving: AbortSignal };

/** Applies the file, waits for the application, and brings it what happens until all is left. */
async function forward(
  { terminal, server, stop, leaving }: Parts,
  wish: ListenWish & { file?: string },
): Promise<Came> {
  const { client, folder } = server;
  if (wish.file !== undefined) {
    const on = { shelf: client.assistants, kind: assistantsKind, terminal, json: wish.json ?? false };
    const failed = await apply(on, wish.file);
    if (failed !== undefined) return failed;
  }
  const given = AbortSignal.any([stop, leaving]);
  await answers(terminal, wish.forwardTo, given);
  if (given.aborted) return undefined;
  return listenTo(
    { terminal, client, folder: join(folder, "dev"), stop: leaving, farewell: { begun: stop, passOnMaxMs } },
    wish,
  );
}

/** So long the last messages may take after Ctrl-C; what is left comes at the next start. */
const passOnMaxMs = 5_000;

/** How often, and how long, the application is looked for before messages are sent to it all the same. */
const look = { everyMs: 250, limitMs: 60_000 };
const lookMaxMs = 2_000;

async function answers(terminal: Terminal, url: string, signal: AbortSignal): Promise<void> {
  terminal.progress(`Waiting for an application at ${url}`);
  const found = await poll({ ...look, signal }, async () => {
    const came = await exchange({ url, method: "GET", headers: {}, body: "", timeoutMs: lookMaxMs, signal });
    return came.kind === "answered" ? came : undefined;
  });
  terminal.progress(undefined);
  if (found !== undefined || signal.aborted) return;
  terminal.note(`Nothing answers at ${url} yet; messages are tried again until something does.`);
}
