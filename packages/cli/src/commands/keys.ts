import type { Client } from "@offhook/client";
import type { KeyView } from "@offhook/protocol";
import type { Command } from "commander";
import { type Came, withServer } from "../ending.ts";
import { failureOf } from "../failure.ts";
import { type ServerOptions, takesJson, takesServer, withExamples } from "../options.ts";
import { tableLines } from "../table.ts";
import type { Terminal } from "../terminal.ts";
import type { Wiring } from "../wiring.ts";

type Options = ServerOptions & { json?: boolean };
type On = { client: Client; terminal: Terminal; json: boolean };

/** `offhook keys`. */
export function addKeys(program: Command, wiring: Wiring): void {
  const parent = program.command("keys").description("list, create or revoke the API keys of your team");
  const add = (words: string, description: string, example: string): Command =>
    withExamples(takesJson(takesServer(parent.command(words).description(description))), [example]);
  const on = ({ json = false, ...options }: Options, act: (given: On) => Promise<Came>): Promise<void> =>
    withServer(wiring, options, (client) => act({ client, terminal: wiring.terminal, json }));
  add("list", "the keys there are: ids and names, never the keys", "offhook keys list").action(
    (options: Options) => on(options, list),
  );
  add("create <name>", "make one; it is shown this once", "offhook keys create laptop").action(
    (name: string, options: Options) => on(options, (given) => create(given, name)),
  );
  add(
    "revoke <id>",
    "let nobody in with it any more, from 5 seconds later at the latest",
    "offhook keys revoke key-0123456789abcdef",
  ).action((id: string, options: Options) => on(options, (given) => revoke(given, id)));
}

async function list({ client, terminal, json }: On): Promise<Came> {
  const keys: KeyView[] = [];
  for await (const answer of client.keys.each()) {
    if (!answer.ok) return failureOf(answer.problem);
    keys.push(answer.value);
  }
  const rows = keys.map(({ id, name, createdAt }) => [id, name, createdAt]);
  if (json) terminal.print(JSON.stringify(keys, undefined, 2));
  else for (const line of tableLines([["ID", "NAME", "CREATED"], ...rows])) terminal.print(line);
  return undefined;
}

async function create({ client, terminal, json }: On, name: string): Promise<Came> {
  const made = await client.keys.create({ name });
  if (!made.ok) return failureOf(made.problem);
  terminal.print(json ? JSON.stringify(made.value, undefined, 2) : made.value.key);
  terminal.note(`It is ${made.value.id}. It is shown this once.`);
  return undefined;
}

async function revoke({ client, terminal, json }: On, id: string): Promise<Came> {
  const revoked = await client.keys.revoke(id);
  if (!revoked.ok) return failureOf(revoked.problem);
  terminal.print(json ? JSON.stringify({ id }) : `revoked ${id}; it may let in for 5 seconds more`);
  return undefined;
}
