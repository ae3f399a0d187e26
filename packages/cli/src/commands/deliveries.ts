import type { Client, DeliveryWithAttempts } from "@offhook/client";
import { type Delivery, type DeliveryState, deliveryStates } from "@offhook/protocol";
import { type Command, Option } from "commander";
import { type Came, withServer } from "../ending.ts";
import { failureOf } from "../failure.ts";
import { numberFrom, type ServerOptions, takesJson, takesServer, withExamples } from "../options.ts";
import { tableLines, timeOf } from "../table.ts";
import { plain, type Terminal } from "../terminal.ts";
import type { Wiring } from "../wiring.ts";

type DeliveriesOptions = ServerOptions & {
  call?: string;
  failed?: boolean;
  state?: DeliveryState;
  limit: number;
  json?: boolean;
};

/** `offhook deliveries`: what became of the events for Server URLs. */
export function addDeliveries(program: Command, wiring: Wiring): void {
  const command = program
    .command("deliveries")
    .description("show what became of the events for Server URLs, and why")
    .argument("[event]", "the id of one, to see its attempts")
    .option("--call <id>", "only those of this call")
    .option("--failed", "only those that were given up")
    .addOption(new Option("--state <state>", "only those in this state").choices(deliveryStates))
    .option("--limit <count>", "so many at most", numberFrom(1, 200), 50);
  withExamples(takesJson(takesServer(command)), [
    "offhook deliveries --failed",
    "offhook deliveries --call TC-…",
    "offhook deliveries evt_TC-…_3",
  ]).action((id: string | undefined, options: DeliveriesOptions) =>
    withServer(wiring, options, (client) =>
      id === undefined
        ? list(client, options, wiring.terminal)
        : one(client, { id, json: options.json ?? false }, wiring.terminal),
    ),
  );
}

async function list(client: Client, options: DeliveriesOptions, terminal: Terminal): Promise<Came> {
  const { call, failed = false, limit: size, json = false } = options;
  const state = failed ? "dead" : options.state;
  const query = { size, ...(state === undefined ? {} : { state }) };
  const page = await (call === undefined
    ? client.deliveries.list(query)
    : client.calls.deliveries(call, query));
  if (!page.ok) return failureOf(page.problem);
  const { data, totalCount } = page.value;
  if (json) {
    terminal.print(JSON.stringify(page.value, undefined, 2));
    return undefined;
  }
  for (const line of tableLines([head, ...data.map(rowOf)])) terminal.print(line);
  if (totalCount > data.length) terminal.note(`${totalCount - data.length} more: --limit shows up to 200.`);
  return undefined;
}

const head = ["EVENT", "TYPE", "STATE", "ATTEMPTS", "AT", "NEXT OR REASON"];

function rowOf({ id, type, state, attempts, at, nextAt, reason }: Delivery): string[] {
  return [id, type, state, String(attempts), timeOf(at), reason ?? (nextAt === null ? "" : timeOf(nextAt))];
}

type Wanted = { id: string; json: boolean };

async function one(client: Client, { id, json }: Wanted, terminal: Terminal): Promise<Came> {
  const found = await client.deliveries.get(id);
  if (!found.ok) return failureOf(found.problem);
  if (json) terminal.print(JSON.stringify(found.value, undefined, 2));
  else for (const line of linesOf(found.value)) terminal.print(line);
  return undefined;
}

function linesOf(found: DeliveryWithAttempts): string[] {
  const { id, type, state, reason, attemptLog } = found;
  return [
    `${id}  ${type}  ${state}${reason === null ? "" : `: ${reason}`}`,
    ...attemptLog.flatMap(({ attempt, at, elapsedMs, detail, request, answer }) => [
      `  ${attempt}  ${timeOf(at)}  ${request.url}  ${detail}, after ${elapsedMs} ms`,
      ...(answer === null || answer.body === "" ? [] : [`     ${plain(answer.body).replaceAll("\n", " ")}`]),
    ]),
  ];
}
