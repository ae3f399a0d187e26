import type { Client } from "@offhook/client";
import { type CallStatus, callStatuses, type CallView } from "@offhook/protocol";
import { type Command, Option } from "commander";
import { type Came, withServer } from "../ending.ts";
import { failureOf } from "../failure.ts";
import { gather, numberFrom, type ServerOptions, takesJson, takesServer, withExamples } from "../options.ts";
import { tableLines } from "../table.ts";
import { connectInput } from "../talk/connect-input.ts";
import { plain, type Terminal } from "../terminal.ts";
import type { Wiring } from "../wiring.ts";

type Options = ServerOptions & { json?: boolean };
type ListOptions = Options & { status?: CallStatus; limit: number };
type CreateOptions = Options & { file?: string; metadata?: string; var: readonly string[] };

/** `offhook calls`. */
export function addCalls(program: Command, wiring: Wiring): void {
  const parent = program.command("calls").description("list, get, create or end calls");
  const { terminal } = wiring;
  const add = (words: string, description: string): Command =>
    takesJson(takesServer(parent.command(words).description(description)));
  withExamples(
    add("list", "the calls there are, the newest first")
      .addOption(new Option("--status <status>", "only those").choices(callStatuses))
      .option("--limit <count>", "so many at most", numberFrom(1, 200), 20),
    ["offhook calls list --status ongoing"],
  ).action((options: ListOptions) =>
    withServer(wiring, options, (client) => list(client, options, terminal)),
  );
  withExamples(add("get <call>", "a call with its messages"), ["offhook calls get TC-…"]).action(
    (id: string, options: Options) =>
      withServer(wiring, options, (client) => get(client, { id, options }, terminal)),
  );
  withExamples(
    add("create [assistant]", "place a call and leave it to itself")
      .option("--file <assistant.json>", "call the assistant in this file instead; nothing is stored")
      .option("--metadata <json>", "an object that the call carries everywhere")
      .option("--var <name=value>", "a {{variable}} of the assistant's texts; may be repeated", gather, []),
    ["offhook calls create Reception --metadata '{\"order\": 42}'"],
  ).action((who: string | undefined, options: CreateOptions) =>
    withServer(wiring, options, (client) => create(client, { who, options }, terminal)),
  );
  withExamples(add("end <call>", "end a live call"), ["offhook calls end TC-…"]).action(
    (id: string, options: Options) => withServer(wiring, options, (client) => end(client, id, terminal)),
  );
}

async function list(client: Client, { status, limit, json }: ListOptions, terminal: Terminal): Promise<Came> {
  const page = await client.calls.list({ size: limit, ...(status === undefined ? {} : { status }) });
  if (!page.ok) return failureOf(page.problem);
  if (json === true) terminal.print(JSON.stringify(page.value, undefined, 2));
  else for (const line of tableLines([head, ...page.value.data.map(rowOf)])) terminal.print(line);
  return undefined;
}

type Listed = Pick<CallView, "id" | "status" | "endedReason" | "userNumber" | "createdAt">;

const head = ["CALL", "STATUS", "ENDED", "WITH", "CREATED"];

function rowOf({ id, status, endedReason, userNumber, createdAt }: Listed): string[] {
  return [id, status, endedReason ?? "", userNumber, createdAt];
}

type One = { id: string; options: Options };

async function get(client: Client, { id, options }: One, terminal: Terminal): Promise<Came> {
  const found = await client.calls.get(id);
  if (!found.ok) return failureOf(found.problem);
  if (options.json === true) {
    terminal.print(JSON.stringify(found.value, undefined, 2));
    return undefined;
  }
  const { messages, analysis } = found.value;
  for (const line of tableLines([head, rowOf(found.value)])) terminal.print(line);
  for (const { role, text } of messages) terminal.print(`  ${role}: ${plain(text)}`);
  if (analysis.summary !== undefined) terminal.print(`Summary: ${plain(analysis.summary)}`);
  return undefined;
}

type Placing = { who: string | undefined; options: CreateOptions };

async function create(client: Client, { who, options }: Placing, terminal: Terminal): Promise<Came> {
  const body = await connectInput(client, who, options);
  if ("failure" in body) return body;
  const placed = await client.calls.connect(body);
  if (!placed.ok) return failureOf(placed.problem);
  terminal.print(options.json === true ? JSON.stringify(placed.value, undefined, 2) : placed.value.id);
  return undefined;
}

async function end(client: Client, id: string, terminal: Terminal): Promise<Came> {
  const answer = await client.calls.control(id, { type: "end" });
  if (!answer.ok) return failureOf(answer.problem);
  terminal.print(`${id} is ended`);
  return undefined;
}
