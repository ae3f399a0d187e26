import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { timedOut, within } from "../clock.ts";
import { environmentWith } from "../environment.ts";
import type { Failure } from "../failure.ts";
import { type ClinicNews, clinicNews } from "./clinic-news.ts";

/** How long the clinic may take to open, and to close. */
const openMaxMs = 20_000;
const closeMaxMs = 10_000;

/** The clinic's process, and what it told when it was ready. */
export type Clinic = ClinicNews & {
  /** Lets it answer what it is answering; settles when it is gone and all its lines were heard. */
  stop(): Promise<void>;
};

export type ClinicWish = {
  secret: string;
  output: "lines" | "json";
  /** Hears its standard output, and its standard error. */
  said: (line: string) => void;
  noted: (line: string) => void;
};

/** The folder of the checkout that this file is in; the clinic in it is started, never opened. */
const checkout = fileURLToPath(new URL("../../../..", import.meta.url));

/** Starts the clinic of the checkout that this file is in. */
export async function startClinic(wish: ClinicWish): Promise<Clinic | Failure> {
  const main = join(checkout, "examples", "clinic", "main.ts");
  if (!existsSync(main))
    return { failure: "The demo needs a checkout of Offhook: there is no examples/clinic here." };
  const child = spawnClinic(main, wish);
  const gone = Promise.all([heard(child.stdout, wish.said), heard(child.stderr, wish.noted), exited(child)]);
  const news = await within(openMaxMs, Promise.race([ready(child), gone.then(() => "gone" as const)]));
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM");
    if ((await within(closeMaxMs, gone)) === timedOut) child.kill("SIGKILL");
    await gone;
  };
  if (news === timedOut || news === "gone") {
    await stop();
    return {
      failure:
        news === "gone" ? "The clinic ended as soon as it had begun." : "The clinic did not open in time.",
    };
  }
  return "failure" in news ? stop().then(() => news) : { ...news, stop };
}

function spawnClinic(main: string, { secret, output }: ClinicWish) {
  const child = spawn(process.execPath, [main], {
    // Ctrl-C is for us: the clinic must live to hear of the last calls.
    detached: true,
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    env: environmentWith({ CLINIC_PORT: "0", CLINIC_SECRET: secret, CLINIC_OUTPUT: output }),
  });
  process.once("exit", () => child.kill("SIGKILL"));
  return child;
}

function ready(child: ChildProcess): Promise<ClinicNews | Failure> {
  return new Promise((resolve) => child.on("message", (message) => resolve(clinicNews(message))));
}

function exited(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
}

async function heard(stream: Readable | null, hear: (line: string) => void): Promise<void> {
  if (stream === null) return;
  for await (const line of createInterface({ input: stream })) hear(line);
}
