import type { Client } from "@offhook/client";
import type { Command } from "commander";
import { lookAtAnswers } from "../doctor/answers.ts";
import { lookFromServer } from "../doctor/from-server.ts";
import { type Step, step } from "../doctor/step.ts";
import { lookAtAddress, lookAtCertificate, lookAtName } from "../doctor/way.ts";
import { type Came, ending } from "../ending.ts";
import { exitCodes } from "../exit-codes.ts";
import { type Failure, failureOf, misuse } from "../failure.ts";
import { objectOf } from "../json.ts";
import {
  clientOf,
  isHttp,
  type ServerOptions,
  takesJson,
  takesProof,
  takesServer,
  withExamples,
} from "../options.ts";
import type { Proof } from "../sending/signed.ts";
import { findAssistant } from "../talk/find-assistant.ts";
import { plain, type Terminal } from "../terminal.ts";
import type { Wiring } from "../wiring.ts";

type DoctorOptions = ServerOptions & { secret?: string; auth: "signature" | "header"; json?: boolean };

/** `offhook doctor`: why a Server URL does not work. */
export function addDoctor(program: Command, wiring: Wiring): void {
  const command = program
    .command("doctor")
    .description("find out why a Server URL does not work, step by step")
    .argument("<where>", "its address, or the id or name of an assistant that has it");
  withExamples(
    takesJson(takesProof(takesServer(command))),
    [
      "offhook doctor https://example.org/offhook --secret whsec_…",
      "offhook doctor Reception --secret whsec_…",
    ],
    "With an API key the server is asked to go there as well.\nIt ends with 1 when something is wrong.",
  ).action((where: string, options: DoctorOptions) =>
    ending(wiring, doctor(wiring.terminal, where, options)),
  );
}

async function doctor(terminal: Terminal, where: string, options: DoctorOptions): Promise<Came> {
  const client = clientOf(options);
  const url = isHttp(where) ? { url: where } : await urlOf(client, where);
  if ("failure" in url) return url;
  const show = (one: Step): void => {
    if (options.json !== true) terminal.print(lineOf(one, terminal));
  };
  const proof = { secret: options.secret, auth: options.auth };
  const steps = await lookAtAll(url.url, { client, proof, show });
  if (options.json === true) terminal.print(JSON.stringify({ url: url.url, steps }, undefined, 2));
  return steps.some(({ state }) => state === "bad") ? exitCodes.failed : undefined;
}

type Look = { client: Client | Failure; proof: Proof; show: (one: Step) => void };

/** Looks at one thing after another; what cannot work without another is not looked at. */
async function lookAtAll(url: string, { client, proof, show }: Look): Promise<Step[]> {
  const steps: Step[] = [];
  const note = (...more: Step[]): boolean => {
    for (const one of more) show(one);
    steps.push(...more);
    return more.every(({ state }) => state !== "bad");
  };
  if (!note(lookAtAddress(url))) return steps;
  if (note(await lookAtName(url))) {
    note(await lookAtCertificate(url));
    note(...(await lookAtAnswers({ url, proof })));
  }
  note(
    "failure" in client
      ? step("server", "unknown", "Whether the server gets there was not asked: that needs --key.")
      : await lookFromServer(client, url, proof),
  );
  return steps;
}

function lineOf({ name, state, says }: Step, { style }: Terminal): string {
  const marks = { good: style.green("✓"), bad: style.red("✗"), unknown: style.dim("–") };
  return `${marks[state]} ${name.padEnd(12)} ${plain(says)}`;
}

/** The Server URL of an assistant. */
async function urlOf(client: Client | Failure, who: string): Promise<{ url: string } | Failure> {
  if ("failure" in client) return client;
  const found = await findAssistant(client, who);
  if ("failure" in found) return found;
  const assistant = await client.assistants.get(found.id);
  if (!assistant.ok) return failureOf(assistant.problem);
  const { url, enabled } = objectOf(assistant.value["assistantServer"]);
  if (typeof url !== "string")
    return { failure: `“${who}” has no Server URL: give it an assistantServer with a url.` };
  if (enabled === false)
    return misuse(`The Server URL of “${who}” is switched off (assistantServer.enabled is false).`);
  return { url };
}
