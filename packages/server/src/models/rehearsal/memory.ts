import type { Json } from "@offhook/protocol";
import { fieldOf, isJson } from "../loose-json.ts";
import { errorOf, type Turn } from "./turns.ts";

/** What a rehearsal knows: facts that it heard, and the tools' answers. */
export type Memory = {
  facts: ReadonlyMap<string, string>;
  /** The latest answer of each tool. */
  results: ReadonlyMap<string, Json>;
  latest: Json | undefined;
};

export const blank: Memory = { facts: new Map(), results: new Map(), latest: undefined };

/** Facts replace older ones of the same name. */
export function withFacts(memory: Memory, facts: ReadonlyMap<string, string>): Memory {
  return facts.size === 0 ? memory : { ...memory, facts: new Map([...memory.facts, ...facts]) };
}

export function withResult(memory: Memory, { name, result }: Turn & { who: "tool" }): Memory {
  return { ...memory, results: new Map([...memory.results, [name, result]]), latest: result };
}

/**
 * The value of a name in a script: `error` and `result.path` of the latest
 * answer, a fact, or `toolName.path` of that tool's latest answer.
 */
export function lookUp(memory: Memory, name: string): Json | undefined {
  const [head = "", ...path] = name.split(".");
  if (head === "error" && path.length === 0) return errorOf(memory.latest);
  if (head === "result") return follow(memory.latest, path);
  return memory.facts.get(name) ?? follow(memory.results.get(head), path);
}

/** Whether a name has a value; null is none. */
export function knows(memory: Memory, name: string): boolean {
  return (lookUp(memory, name) ?? null) !== null;
}

function follow(value: Json | undefined, path: readonly string[]): Json | undefined {
  let at: unknown = value;
  for (const step of path) at = fieldOf(at, step);
  return isJson(at) ? at : undefined;
}
