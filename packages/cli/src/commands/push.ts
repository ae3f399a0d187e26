import type { Client } from "@offhook/client";
import type { Tool } from "@offhook/protocol";
import type { Command } from "commander";
import { type Came, withServer } from "../ending.ts";
import { failureOf } from "../failure.ts";
import { objectOf } from "../json.ts";
import { type ServerOptions, takesJson, takesServer, withExamples } from "../options.ts";
import { definitionsIn } from "../resources/definitions.ts";
import { findAssistant } from "../talk/find-assistant.ts";
import type { Terminal } from "../terminal.ts";
import type { Wiring } from "../wiring.ts";

type PushOptions = ServerOptions & { from: string; prune?: boolean; json?: boolean };

/** `offhook push`: the tools of a receiver to an assistant. */
export function addPush(program: Command, wiring: Wiring): void {
  const command = program
    .command("push")
    .description("attach the tools that a receiver offers to an assistant, so that they are written once")
    .argument("<assistant>", "its id or name")
    .requiredOption("--from <file>", "the module that exports the receiver, or definitions in YAML or JSON")
    .option("--prune", "take away the assistant's inline tools that the receiver does not offer");
  withExamples(
    takesJson(takesServer(command), "the assistant as it is then"),
    ["offhook push Reception --from src/receiver.ts", "offhook push Reception --from tools.yaml --prune"],
    "A module is run: it should make the receiver, and leave listening to another file.",
  ).action((who: string, options: PushOptions) =>
    withServer(wiring, options, (client) => push(client, { who, options }, wiring.terminal)),
  );
}

type Given = { who: string; options: PushOptions };

async function push(client: Client, { who, options }: Given, terminal: Terminal): Promise<Came> {
  const offered = await definitionsIn(options.from);
  if ("failure" in offered) return offered;
  const found = await findAssistant(client, who);
  if ("failure" in found) return found;
  const assistant = await client.assistants.get(found.id);
  if (!assistant.ok) return failureOf(assistant.problem);
  const before = inlineTools(assistant.value["tools"]);
  const kept = options.prune === true ? [] : before.filter((one) => !isOffered(one, offered.tools));
  const changed = await client.assistants.update(found.id, { tools: [...kept, ...offered.tools] });
  if (!changed.ok) return failureOf(changed.problem);
  if (options.json === true) terminal.print(JSON.stringify(changed.value, undefined, 2));
  else
    for (const { name } of offered.tools)
      terminal.print(`${nameIn(before, name) ? "changed" : "added"} ${name}`);
  return undefined;
}

function inlineTools(given: unknown): unknown[] {
  return Array.isArray(given) ? given : [];
}

function nameOf(tool: unknown): unknown {
  const { name, function: inner } = objectOf(tool);
  return name ?? objectOf(inner)["name"];
}

function nameIn(tools: readonly unknown[], name: string): boolean {
  return tools.some((one) => nameOf(one) === name);
}

function isOffered(tool: unknown, offered: readonly Tool[]): boolean {
  return offered.some(({ name }) => name === nameOf(tool));
}
