import type { Client } from "@offhook/client";
import type { Command } from "commander";
import { type Came, withServer } from "../ending.ts";
import { type Failure, failureOf, misuse } from "../failure.ts";
import { type ServerOptions, takesJson, takesServer, withExamples } from "../options.ts";
import type { Wiring } from "../wiring.ts";

type RedeliverOptions = ServerOptions & { failed?: boolean; json?: boolean };

/** `offhook redeliver`: events once more. */
export function addRedeliver(program: Command, wiring: Wiring): void {
  const command = program
    .command("redeliver")
    .description("have the server send events again")
    .argument("[ids...]", "events (evt_…), or calls: all that was given up of them, in order")
    .option("--failed", "all that was given up in all calls");
  withExamples(takesJson(takesServer(command)), [
    "offhook redeliver evt_TC-…_3",
    "offhook redeliver TC-…",
    "offhook redeliver --failed",
  ]).action((ids: string[], options: RedeliverOptions) =>
    withServer(wiring, options, (client) => redeliver(client, { ids, options }, wiring)),
  );
}

type Given = { ids: string[]; options: RedeliverOptions };

async function redeliver(client: Client, { ids, options }: Given, { terminal }: Wiring): Promise<Came> {
  const { failed = false, json = false } = options;
  if (ids.length === 0 && !failed)
    return misuse("What is to be sent again? Name events or calls, or say --failed.");
  const calls = failed ? await callsWithDead(client) : [];
  if ("failure" in calls) return calls;
  const events: string[] = [];
  for (const id of [...ids, ...calls]) {
    const answer = await client.deliveries.redeliver(id);
    if (!answer.ok) return failureOf(answer.problem);
    events.push(...answer.value.events);
  }
  if (json) terminal.print(JSON.stringify({ events }, undefined, 2));
  else for (const id of events) terminal.print(`${id} is on its way`);
  if (events.length === 0) terminal.note("There was nothing to send again.");
  return undefined;
}

const pageMax = 200;

/** The calls in which something was given up. */
async function callsWithDead(client: Client): Promise<string[] | Failure> {
  const calls = new Set<string>();
  for (let page = 1; ; page += 1) {
    const answer = await client.deliveries.list({ state: "dead", page, size: pageMax });
    if (!answer.ok) return failureOf(answer.problem);
    for (const { callId } of answer.value.data) calls.add(callId);
    if (answer.value.data.length < pageMax) return [...calls];
  }
}
