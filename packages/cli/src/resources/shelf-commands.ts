import type { Client, Kept, Shelf } from "@offhook/client";
import type { Command } from "commander";
import { type Came, withServer } from "../ending.ts";
import { type Failure, failureOf } from "../failure.ts";
import { objectOf } from "../json.ts";
import { type ServerOptions, takesJson, takesServer, withExamples } from "../options.ts";
import { tableLines } from "../table.ts";
import { bar, type Terminal } from "../terminal.ts";
import type { Wiring } from "../wiring.ts";
import { type Resource, resourcesIn } from "./resource-file.ts";

/** One kind of thing that a team keeps. */
export type Kind<Input> = {
  /** As it is typed. */
  name: string;
  one: string;
  shelfOf: (client: Client) => Shelf<Input>;
  /** The schema that a file's object passes before it is sent. */
  read: (resource: Resource) => Input | Failure;
};

type Options = ServerOptions & { json?: boolean; file: string };

export type On<Input> = { shelf: Shelf<Input>; kind: Kind<Input>; terminal: Terminal; json: boolean };

/** Adds `list`, `get`, `create`, `apply` and `delete` of a kind. */
export function addShelf<Input>(program: Command, wiring: Wiring, kind: Kind<Input>): void {
  const { name, one } = kind;
  const parent = program.command(name).description(`list, get, create, apply or delete ${name}`);
  const add = (words: string, description: string, example: string): Command =>
    withExamples(takesJson(takesServer(parent.command(words).description(description))), [example]);
  const on = (options: Options, act: (given: On<Input>) => Promise<Came>): Promise<void> =>
    withServer(wiring, options, (client) =>
      act({ shelf: kind.shelfOf(client), kind, terminal: wiring.terminal, json: options.json ?? false }),
    );
  add("list", `the ${name} there are`, `offhook ${name} list`).action((options: Options) =>
    on(options, list),
  );
  add(`get <${one}>`, `one, by its id or exact name, as JSON`, `offhook ${name} get Reception`).action(
    (who: string, options: Options) => on(options, (given) => get(given, who)),
  );
  add("create", `make those in a file`, `offhook ${name} create -f ${one}.yaml`)
    .requiredOption("-f, --file <file>", "YAML or JSON; - for standard input")
    .action((options: Options) => on(options, (given) => create(given, options.file)));
  add("apply", `make or change those in a file, found by _id or name`, `offhook ${name} apply -f ${one}.yaml`)
    .requiredOption("-f, --file <file>", "YAML or JSON; - for standard input")
    .action((options: Options) => on(options, (given) => apply(given, options.file)));
  add(`delete <${one}>`, `one, by its id or exact name`, `offhook ${name} delete Reception`).action(
    (who: string, options: Options) => on(options, (given) => remove(given, who)),
  );
}

async function list<Input>({ shelf, terminal, json }: On<Input>): Promise<Came> {
  const all = await allOf(shelf);
  if ("failure" in all) return all;
  if (json) terminal.print(JSON.stringify(all.kept, undefined, 2));
  else {
    const rows = all.kept.map((one) => [one._id, labelOf(one), one.updatedAt]);
    for (const line of tableLines([["ID", "NAME", "CHANGED"], ...rows])) terminal.print(line);
  }
  return undefined;
}

async function get<Input>({ shelf, kind, terminal }: On<Input>, who: string): Promise<Came> {
  const found = await find(shelf, kind, who);
  if ("failure" in found) return found;
  terminal.print(JSON.stringify(found.kept, undefined, 2));
  return undefined;
}

async function create<Input>(on: On<Input>, file: string): Promise<Came> {
  return eachIn(on, file, async (input) => {
    const made = await on.shelf.create(input);
    return made.ok ? { kept: made.value, verb: "created" } : failureOf(made.problem);
  });
}

/** Makes or changes what is in a file, found by `_id` or name. */
export async function apply<Input>(on: On<Input>, file: string): Promise<Came> {
  return eachIn(on, file, async (input, resource) => {
    const before = await existing(on, resource);
    if (before !== undefined && "failure" in before) return before;
    const answer =
      before === undefined ? await on.shelf.create(input) : await on.shelf.update(before.kept._id, resource);
    if (!answer.ok) return failureOf(answer.problem);
    return { kept: answer.value, verb: before === undefined ? "created" : "changed" };
  });
}

type Stored = { kept: Kept };
type Done = Stored & { verb: string };
type Act<Input> = (input: Input, resource: Resource) => Promise<Done | Failure>;

/** Does something with each object in a file, after all of them were read. */
async function eachIn<Input>(
  { kind, terminal, json }: On<Input>,
  file: string,
  act: Act<Input>,
): Promise<Came> {
  const found = resourcesIn(file);
  if ("failure" in found) return found;
  const inputs: { input: Input; resource: Resource }[] = [];
  for (const resource of found.resources) {
    const input = kind.read(resource);
    if (isFailure(input)) return { failure: `${file}: ${input.failure}` };
    inputs.push({ input, resource });
  }
  for (const [index, { input, resource }] of inputs.entries()) {
    terminal.progress(bar(index, inputs.length, labelOf(resource)));
    const done = await act(input, resource);
    if ("failure" in done) return done;
    terminal.print(json ? JSON.stringify(done.kept) : `${done.verb} ${done.kept._id}  ${labelOf(done.kept)}`);
  }
  terminal.progress(undefined);
  return undefined;
}

function isFailure(value: unknown): value is Failure {
  return typeof value === "object" && value !== null && "failure" in value;
}

/** The stored thing that a file's object means: by its `_id`, or the only one of its name. */
async function existing<Input>(
  { shelf, kind }: On<Input>,
  resource: Resource,
): Promise<Stored | Failure | undefined> {
  const id = resource["_id"];
  if (typeof id === "string") return find(shelf, kind, id);
  const all = await allOf(shelf);
  if ("failure" in all) return all;
  const named = all.kept.filter((one) => labelOf(one) === labelOf(resource));
  const [only] = named;
  if (named.length < 2) return only && { kept: only };
  return {
    failure: `${named.length} ${kind.name} are called “${labelOf(resource)}”: say in the file which, as _id.`,
  };
}

async function remove<Input>({ shelf, kind, terminal }: On<Input>, who: string): Promise<Came> {
  const found = await find(shelf, kind, who);
  if ("failure" in found) return found;
  const removed = await shelf.remove(found.kept._id);
  if (!removed.ok) return failureOf(removed.problem);
  terminal.print(`deleted ${found.kept._id}  ${labelOf(found.kept)}`);
  return undefined;
}

/** Finds one by its id or its exact name. */
async function find<Input>(shelf: Shelf<Input>, kind: Kind<Input>, who: string): Promise<Stored | Failure> {
  const found = await shelf.get(who);
  if (found.ok) return { kept: found.value };
  if (found.problem.code !== "not-found") return failureOf(found.problem);
  const all = await allOf(shelf);
  if ("failure" in all) return all;
  const [only, ...more] = all.kept.filter((one) => labelOf(one) === who);
  if (only === undefined) return { failure: `There is no ${kind.one} with the id or name “${who}”.` };
  if (more.length === 0) return { kept: only };
  return { failure: `${more.length + 1} ${kind.name} are called “${who}”: say which by its id.` };
}

const pageMax = 200;

async function allOf<Input>(shelf: Shelf<Input>): Promise<{ kept: Kept[] } | Failure> {
  const kept: Kept[] = [];
  for (let page = 1; ; page += 1) {
    const answer = await shelf.list({ page, size: pageMax });
    if (!answer.ok) return failureOf(answer.problem);
    kept.push(...answer.value.data);
    if (answer.value.data.length < pageMax) return { kept };
  }
}

/** What people call it: a tool in the wrapped form has its name inside. */
function labelOf(one: Resource): string {
  const label = one["name"] ?? one["number"] ?? objectOf(one["function"])["name"];
  return typeof label === "string" ? label : "";
}
