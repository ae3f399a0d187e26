import type { Client, Kept } from "@offhook/client";
import { type Failure, failureOf } from "../failure.ts";

const pageMax = 200;

/** Finds an assistant by its id or its exact name. */
export async function findAssistant(client: Client, idOrName: string): Promise<{ id: string } | Failure> {
  const found = await client.assistants.get(idOrName);
  if (found.ok) return { id: found.value._id };
  if (found.problem.code !== "not-found") return failureOf(found.problem);
  const named = await assistantsNamed(client, idOrName);
  if ("failure" in named) return named;
  const [only, ...more] = named.found;
  if (only === undefined) return { failure: noneNamed(idOrName, named.names) };
  if (more.length === 0) return { id: only._id };
  const ids = named.found.map(({ _id }) => _id).join(", ");
  return {
    failure: `${named.found.length} assistants are called “${idOrName}”: say which by its id, ${ids}.`,
  };
}

type Named = { found: Kept[]; names: string[] };

/** All assistants of exactly this name, and what names there are. */
export async function assistantsNamed(client: Client, name: string): Promise<Named | Failure> {
  const named: Named = { found: [], names: [] };
  for (let page = 1; ; page += 1) {
    const answer = await client.assistants.list({ page, size: pageMax });
    if (!answer.ok) return failureOf(answer.problem);
    const { data, totalCount } = answer.value;
    named.found.push(...data.filter((one) => one["name"] === name));
    named.names.push(...data.map((one) => String(one["name"])));
    if (data.length === 0 || page * pageMax >= totalCount) return named;
  }
}

/** So many names are said. */
const namesMax = 10;

function noneNamed(name: string, names: readonly string[]): string {
  const none = `There is no assistant with the id or name “${name}”`;
  if (names.length === 0) return `${none}; this server has none yet. --file calls one that is in a file.`;
  const some = names.slice(0, namesMax).map((one) => `“${one}”`);
  return `${none}. There is ${some.join(", ")}${names.length > namesMax ? " and more" : ""}.`;
}
